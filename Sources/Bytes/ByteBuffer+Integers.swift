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
        let target = room(20)
        guard value < 0 else {
            end &+= Self.writeDecimal(value.magnitude, to: target)
            return
        }
        target.pointee = UInt8(ascii: "-")
        end &+= 1 &+ Self.writeDecimal(value.magnitude, to: target + 1)
    }

    /// Appends the decimal digits of `value`.
    @inlinable
    public mutating func append(decimal value: UInt64) {
        let target = room(20)
        end &+= Self.writeDecimal(value, to: target)
    }

    /// Writes the digits of `value` to `target`, where up to 20 bytes are free, and returns their number.
    @inlinable
    @inline(__always)
    static func writeDecimal(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if value < 10 {
            target.pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)
            return 1
        }
        let count = decimalDigitCount(value)
        writeDigits(value, count, to: target)
        return count
    }

    /// Writes `value` as exactly `count` digits, zeros leading, a pair at a time from the last.
    @usableFromInline
    static func writeDigits(_ value: UInt64, _ count: Int, to target: UnsafeMutablePointer<UInt8>) {
        let pairs = decimalPairs.utf8Start
        var rest = value
        var index = count
        while index >= 2 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            index &-= 2
            let source = Int(truncatingIfNeeded: pair) &* 2
            target[index] = pairs[source]
            target[index &+ 1] = pairs[source &+ 1]
            rest = quotient
        }
        if index == 1 { target[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10) }
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
