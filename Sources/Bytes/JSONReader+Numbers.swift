extension JSONReader {
    /// The next value, a number, as an integer. `1.0` and `1e3` count as integers, `1.5` does not.
    @inlinable
    public mutating func readInt64() throws(JSONError) -> Int64 {
        let isNegative = significant() == UInt8(ascii: "-")
        let first = isNegative ? position &+ 1 : position
        // Eighteen digits cannot overflow.
        if let magnitude = plainInteger(from: first) {
            let value = Int64(truncatingIfNeeded: magnitude)
            return isNegative ? 0 &- value : value
        }
        let offset = position
        let decimal = try scanDecimal()
        guard let magnitude = decimal.integer else { throw JSONError(.numberOutOfRange, at: offset) }
        let limit: UInt64 = 1 &<< 63
        guard magnitude < limit || (decimal.isNegative && magnitude == limit) else {
            throw JSONError(.numberOutOfRange, at: offset)
        }
        let value = Int64(truncatingIfNeeded: magnitude)
        return decimal.isNegative ? 0 &- value : value
    }

    /// The next value, a number, as an unsigned integer. `1.0` and `1e3` count as integers, `1.5` and `-1` do not.
    @inlinable
    public mutating func readUInt64() throws(JSONError) -> UInt64 {
        _ = significant()
        if let value = plainInteger(from: position) { return value }
        let offset = position
        let decimal = try scanDecimal()
        guard let value = decimal.integer, !decimal.isNegative || value == 0 else {
            throw JSONError(.numberOutOfRange, at: offset)
        }
        return value
    }

    /// The next value, a number, as the nearest double (ties to even). One that rounds to infinity is out of range.
    public mutating func readDouble() throws(JSONError) -> Double {
        _ = significant()
        let offset = position
        let decimal = try scanDecimal()
        if let value = decimal.double { return value }
        // Twenty digits and more, or a far exponent: rare enough to leave to the standard library.
        let text = UnsafeRawBufferPointer(start: base + offset, count: position &- offset)
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            throw JSONError(.numberOutOfRange, at: offset)
        }
        return value
    }

    /// The next value, a number, times 10^`decimals`, rounded to an integer (half away from zero).
    ///
    /// Reads `1.25` with three decimals as 1250, exactly and without a floating-point step.
    ///
    /// - Parameter decimals: 0 to 18.
    public mutating func readFixed(decimals: Int) throws(JSONError) -> Int64 {
        precondition(decimals >= 0 && decimals <= 18, "decimals out of range")
        _ = significant()
        let offset = position
        let decimal = try scanDecimal()
        guard let magnitude = decimal.scaled(decimals), let value = Int64(exactly: magnitude) else {
            throw JSONError(.numberOutOfRange, at: offset)
        }
        return decimal.isNegative ? -value : value
    }

    /// Consumes the digits from `first` on if they are all of the number, at most 18, and no leading zero is wrong.
    @inlinable
    @inline(__always)
    mutating func plainInteger(from first: Int) -> UInt64? {
        var index = first
        var value: UInt64 = 0
        while index < count {
            let digit = base[index] &- 0x30
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            index &+= 1
        }
        let digits = index &- first
        guard digits > 0, digits <= 18, digits == 1 || base[first] != UInt8(ascii: "0") else { return nil }
        if index < count {
            // A full stop or an exponent makes it another kind of number.
            let next = base[index]
            guard next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") else { return nil }
        }
        position = index
        return value
    }

    /// Consumes and validates a number.
    mutating func skipNumber() throws(JSONError) {
        _ = try scanDecimal()
    }

    /// Consumes a number by the grammar of RFC 8259 §6 and returns what it says.
    @usableFromInline
    mutating func scanDecimal() throws(JSONError) -> JSONDecimal {
        var decimal = JSONDecimal()
        var index = position
        if index < count, base[index] == UInt8(ascii: "-") {
            decimal.isNegative = true
            index &+= 1
        }
        guard index < count, base[index] &- 0x30 <= 9 else {
            guard decimal.isNegative else { throw mismatch() }
            throw JSONError(index < count ? .invalidNumber : .unexpectedEnd, at: index)
        }
        let whole = index
        index = scanDigits(from: index, into: &decimal)
        if index &- whole > 1, base[whole] == UInt8(ascii: "0") { throw JSONError(.invalidNumber, at: whole) }
        if index < count, base[index] == UInt8(ascii: ".") {
            let fraction = index &+ 1
            index = scanDigits(from: fraction, into: &decimal)
            guard index > fraction else {
                throw JSONError(index < count ? .invalidNumber : .unexpectedEnd, at: index)
            }
            decimal.exponent &-= index &- fraction
        }
        if index < count, base[index] | 0x20 == UInt8(ascii: "e") {
            index = try scanExponent(from: index &+ 1, into: &decimal)
        }
        position = index
        return decimal
    }

    /// Adds the digits from `first` on to the significand; the index behind them.
    @inline(__always)
    private func scanDigits(from first: Int, into decimal: inout JSONDecimal) -> Int {
        var index = first
        while index < count {
            let digit = base[index] &- 0x30
            if digit > 9 { break }
            decimal.append(digit)
            index &+= 1
        }
        return index
    }

    /// Adds the exponent whose sign or first digit stands at `first`; the index behind it.
    private func scanExponent(from first: Int, into decimal: inout JSONDecimal) throws(JSONError) -> Int {
        var index = first
        var isNegative = false
        if index < count, base[index] == UInt8(ascii: "+") || base[index] == UInt8(ascii: "-") {
            isNegative = base[index] == UInt8(ascii: "-")
            index &+= 1
        }
        let digits = index
        var exponent = 0
        while index < count {
            let digit = base[index] &- 0x30
            if digit > 9 { break }
            // Beyond any text that fits in memory the value no longer matters, only that it is far.
            if exponent < 1 &<< 48 { exponent = exponent &* 10 &+ Int(digit) }
            index &+= 1
        }
        guard index > digits else { throw JSONError(index < count ? .invalidNumber : .unexpectedEnd, at: index) }
        decimal.exponent &+= isNegative ? 0 &- exponent : exponent
        return index
    }
}
