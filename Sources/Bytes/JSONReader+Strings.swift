extension JSONReader {
    /// Consumes the string whose opening quote is the next byte.
    ///
    /// The common string, ASCII without escapes, is told by eight bytes a step; all else goes the slow way.
    @inlinable
    @inline(__always)
    mutating func scanText() throws(JSONError) -> JSONText {
        let first = position &+ 1
        var index = first
        while count &- index >= 8 {
            let stops = Self.stops(at: base + index)
            guard stops != 0 else {
                index &+= 8
                continue
            }
            index &+= stops.trailingZeroBitCount &>> 3
            guard base[index] == UInt8(ascii: "\"") else { break }
            position = index &+ 1
            return JSONText(
                raw: UnsafeRawBufferPointer(start: base + first, count: index &- first), hasEscapes: false)
        }
        return try scanTextSlowly(from: first, at: index)
    }

    /// A word whose lowest set bit lies in the first of the eight bytes of `word` that is a quote, a backslash,
    /// a control character or not ASCII; 0 if none is.
    ///
    /// Subtracting from each byte borrows into its top bit where the byte is smaller. A borrow may also reach the
    /// next byte and mark it falsely, but only above a rightly marked one.
    @inlinable
    @inline(__always)
    static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let control = word &- ones &* 0x20
        let quote = (word ^ (ones &* 0x22)) &- ones
        let backslash = (word ^ (ones &* 0x5C)) &- ones
        return (word | control | quote | backslash) & (ones &* 0x80)
    }

    @inlinable
    @inline(__always)
    static func stops(at address: UnsafePointer<UInt8>) -> UInt64 {
        stops(in: UInt64(littleEndian: UnsafeRawPointer(address).loadUnaligned(as: UInt64.self)))
    }

    /// Goes on with a string that began at `first`, all before `at` being plain.
    @usableFromInline
    @inline(never)
    mutating func scanTextSlowly(from first: Int, at: Int) throws(JSONError) -> JSONText {
        var index = at
        var hasEscapes = false
        while index < count {
            let byte = base[index]
            switch byte {
            case UInt8(ascii: "\""):
                position = index &+ 1
                return JSONText(
                    raw: UnsafeRawBufferPointer(start: base + first, count: index &- first), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                let length = JSONEscapes.length(base, index, count)
                guard length > 0 else { throw JSONError(.invalidEscape, at: index) }
                hasEscapes = true
                index &+= length
            case 0x00..<0x20:
                throw JSONError(.controlCharacter, at: index)
            case 0x80...0xFF:
                let length = UTF8Validator.sequenceLength(base, index, count)
                guard length > 0 else { throw JSONError(.invalidUTF8, at: index) }
                index &+= length
            default:
                index &+= 1
                while count &- index >= 8 {
                    let stops = Self.stops(at: base + index)
                    index &+= stops == 0 ? 8 : stops.trailingZeroBitCount &>> 3
                    if stops != 0 { break }
                }
            }
        }
        throw JSONError(.unexpectedEnd, at: count)
    }
}
