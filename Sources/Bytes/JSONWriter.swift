/// Writes JSON text to the end of a buffer of its own; commas are put where they belong.
///
/// The caller keeps the order of calls: a key before each value of an object, an end for each beginning.
@frozen
public struct JSONWriter {
    /// What has been written. It may be taken, emptied and given back between values.
    public var buffer: ByteBuffer
    /// Whether a comma must precede the next key or element.
    @usableFromInline var needsComma = false

    /// A writer that appends to `buffer`.
    @inlinable
    public init(_ buffer: ByteBuffer = ByteBuffer()) {
        self.buffer = buffer
    }

    /// Forgets what was written, so that a new text may begin in the same block.
    @inlinable
    public mutating func removeAll(keepingCapacity: Bool = true) {
        buffer.removeAll(keepingCapacity: keepingCapacity)
        needsComma = false
    }

    // MARK: Structure

    /// Opens an object.
    @inlinable
    public mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the innermost object.
    @inlinable
    public mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array.
    @inlinable
    public mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the innermost array.
    @inlinable
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes the key of the next value. The literal must need no escape.
    @inlinable
    public mutating func key(_ key: StaticString) {
        let count = key.utf8CodeUnitCount
        let target = buffer.room(count &+ 4)
        var index = 0
        if needsComma {
            target[0] = UInt8(ascii: ",")
            index = 1
        }
        target[index] = UInt8(ascii: "\"")
        key.withUTF8Buffer { bytes in
            guard let source = bytes.baseAddress else { return }
            (target + index + 1).update(from: source, count: count)
        }
        index &+= count &+ 1
        target[index] = UInt8(ascii: "\"")
        target[index &+ 1] = UInt8(ascii: ":")
        buffer.end &+= index &+ 2
        needsComma = false
    }

    /// Writes the key of the next value, escaped where needed.
    @_disfavoredOverload  // A literal is to take the cheaper way above.
    public mutating func key(_ key: String) {
        string(key)
        buffer.append(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Values

    /// Writes an integer in decimal.
    @inlinable
    public mutating func int(_ value: some FixedWidthInteger) {
        if let value = Int64(exactly: value) {
            digits(value.magnitude, isNegative: value < 0)
        } else if let value = UInt64(exactly: value) {
            digits(value, isNegative: false)
        } else {
            begin()
            buffer.append(value.description)
        }
    }

    /// Writes a number with at most `decimals` digits behind the point, rounded half away from zero, trailing zeros
    /// left out; all digits that tell it from its neighbours where `decimals` is `nil`. NaN and infinities are `null`.
    ///
    /// - Parameter decimals: 0 to 18.
    public mutating func double(_ value: Double, decimals: Int? = nil) {
        guard value.isFinite else { return null() }
        if let decimals {
            precondition(decimals >= 0 && decimals <= 18, "decimals out of range")
            if let scaled = Self.scaled(value, decimals) { return fixed(scaled, decimals: decimals) }
        }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53, whole != 0 || value.sign == .plus {
            return int(whole)
        }
        begin()
        buffer.append(value.description)
    }

    /// Writes `value` ÷ 10^`decimals` exactly, trailing zeros left out: 1250 with three decimals is `1.25`.
    ///
    /// - Parameter decimals: 0 to 18.
    public mutating func fixed(_ value: Int64, decimals: Int) {
        precondition(decimals >= 0 && decimals <= 18, "decimals out of range")
        let power = JSONDecimal.powerOfTen(decimals)
        var (whole, fraction) = (value.magnitude, UInt64(0))
        if decimals > 0 { (whole, fraction) = whole.quotientAndRemainder(dividingBy: power) }
        digits(whole, isNegative: value < 0)
        guard fraction != 0 else { return }
        var places = decimals
        while true {
            let (tenth, digit) = fraction.quotientAndRemainder(dividingBy: 10)
            guard digit == 0 else { break }
            fraction = tenth
            places &-= 1
        }
        let target = buffer.room(places &+ 1)
        target.pointee = UInt8(ascii: ".")
        ByteBuffer.writeDigits(fraction, places, to: target + 1)
        buffer.end &+= places &+ 1
    }

    /// Writes `true` or `false`.
    @inlinable
    public mutating func bool(_ value: Bool) {
        raw(value ? "true" : "false")
    }

    /// Writes `null`.
    @inlinable
    public mutating func null() {
        raw("null")
    }

    /// Writes a value that is already JSON text.
    @inlinable
    public mutating func raw(_ json: StaticString) {
        let count = json.utf8CodeUnitCount
        let target = buffer.room(count &+ 1)
        var index = 0
        if needsComma {
            target[0] = UInt8(ascii: ",")
            index = 1
        }
        json.withUTF8Buffer { bytes in
            guard let source = bytes.baseAddress else { return }
            (target + index).update(from: source, count: count)
        }
        buffer.end &+= index &+ count
        needsComma = true
    }

    /// Writes a value that is already JSON text; it is not checked.
    @inlinable
    public mutating func raw(bytes: UnsafeRawBufferPointer) {
        begin()
        buffer.append(bytes)
    }

    // MARK: Primitives

    /// Writes the comma that the next element needs, and notes that the one after it needs one.
    @inlinable
    @inline(__always)
    mutating func begin() {
        if needsComma { buffer.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Writes a whole number with the comma that it needs, into room made once.
    @usableFromInline
    mutating func digits(_ magnitude: UInt64, isNegative: Bool) {
        let target = buffer.room(22)
        var index = 0
        if needsComma {
            target[0] = UInt8(ascii: ",")
            index = 1
        }
        if isNegative {
            target[index] = UInt8(ascii: "-")
            index &+= 1
        }
        buffer.end &+= index &+ ByteBuffer.writeDecimal(magnitude, to: target + index)
        needsComma = true
    }

    @inlinable
    @inline(__always)
    mutating func open(_ bracket: UInt8) {
        begin()
        buffer.append(bracket)
        needsComma = false
    }

    @inlinable
    @inline(__always)
    mutating func close(_ bracket: UInt8) {
        buffer.append(bracket)
        needsComma = true
    }

    /// value × 10^decimals to the nearest integer; `nil` where that is too large to be exact.
    private static func scaled(_ value: Double, _ decimals: Int) -> Int64? {
        let power = Double(JSONDecimal.powerOfTen(decimals))
        let product = value * power
        guard product.magnitude < 9_007_199_254_740_992 else { return nil }
        let towardZero = Int64(product)
        let rest = (product - Double(towardZero)).magnitude
        guard rest >= 0.5 else { return towardZero }
        let away = towardZero &+ (product < 0 ? -1 : 1)
        guard rest == 0.5 else { return away }
        // The product was rounded once already: where that made it a tie, the part lost decides.
        let lost = (-product).addingProduct(value, power)
        return lost != 0 && (lost < 0) == (product > 0) ? towardZero : away
    }
}
