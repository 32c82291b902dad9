/// The hundred pairs of decimal digits, "00" to "99".
@usableFromInline let decimalPairs: StaticString = """
    00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354\
    555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
    """

extension ByteBuffer {
    /// Appends two bytes, the most significant first.
    @inlinable
    public mutating func appendBigEndian(_ value: UInt16) { appendRaw(value.bigEndian) }

    /// Appends four bytes, the most significant first.
    @inlinable
    public mutating func appendBigEndian(_ value: UInt32) { appendRaw(value.bigEndian) }

    /// Appends eight bytes, the most significant first.
    @inlinable
    public mutating func appendBigEndian(_ value: UInt64) { appendRaw(value.bigEndian) }

    /// Appends the decimal digits of `value`, with a minus sign where negative.
    @inlinable
    public mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    /// Appends the decimal digits of `value`.
    @inlinable
    public mutating func append(decimal value: UInt64) {
        if value < 10 {
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value))
        } else {
            appendDigits(value)
        }
    }

    /// Appends the digits of a number of two or more digits, a pair at a time from the last.
    @usableFromInline
    mutating func appendDigits(_ value: UInt64) {
        let digits = Self.decimalDigitCount(value)
        let target = room(digits)
        let pairs = decimalPairs.utf8Start
        var rest = value
        var index = digits
        while rest >= 100 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            index &-= 2
            let source = Int(truncatingIfNeeded: pair) &* 2
            target[index] = pairs[source]
            target[index &+ 1] = pairs[source &+ 1]
            rest = quotient
        }
        let source = Int(truncatingIfNeeded: rest) &* 2
        if index == 2 {
            target[0] = pairs[source]
            target[1] = pairs[source &+ 1]
        } else {
            target[0] = pairs[source &+ 1]
        }
        end &+= digits
    }

    /// The number of decimal digits of `value`, 1 to 20.
    @usableFromInline
    static func decimalDigitCount(_ value: UInt64) -> Int {
        var rest = value
        var digits = 1
        while rest >= 10_000 {
            rest /= 10_000
            digits &+= 4
        }
        if rest >= 1000 { return digits &+ 3 }
        if rest >= 100 { return digits &+ 2 }
        return rest >= 10 ? digits &+ 1 : digits
    }

    @inlinable
    @inline(__always)
    mutating func appendRaw<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        let size = MemoryLayout<Value>.size
        UnsafeMutableRawPointer(room(size)).storeBytes(of: value, as: Value.self)
        end &+= size
    }
}
