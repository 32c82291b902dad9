extension JSONWriter {
    /// Writes a string, escaped where needed.
    @inlinable
    @_disfavoredOverload  // A literal is to take the cheaper way below.
    public mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// Writes a literal as a string, escaped where needed.
    @inlinable
    public mutating func string(static text: StaticString) {
        text.withUTF8Buffer { string(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// Writes a literal as a string, escaped where needed.
    @inlinable
    public mutating func string(_ text: StaticString) { string(static: text) }

    /// Writes a string from its UTF-8 bytes, escaped where needed; bytes that are not UTF-8 become U+FFFD.
    public mutating func string(utf8 bytes: UnsafeRawBufferPointer) {
        let count = bytes.count
        let target = buffer.room(count &+ 3)
        var index = 0
        if needsComma {
            target[0] = UInt8(ascii: ",")
            index = 1
        }
        needsComma = true
        target[index] = UInt8(ascii: "\"")
        index &+= 1
        if let base = bytes.baseAddress {
            guard Self.isPlain(base, count) else {
                buffer.end &+= index
                escape(base.assumingMemoryBound(to: UInt8.self), count)
                buffer.append(UInt8(ascii: "\""))
                return
            }
            UnsafeMutableRawPointer(target + index).copyMemory(from: base, byteCount: count)
            index &+= count
        }
        target[index] = UInt8(ascii: "\"")
        buffer.end &+= index &+ 1
    }

    /// Whether all bytes are ASCII that needs no escape, told by eight bytes a step.
    private static func isPlain(_ base: UnsafeRawPointer, _ count: Int) -> Bool {
        if count < 8 {
            let word = JSONText.packed(UnsafeRawBufferPointer(start: base, count: count))
            // The missing bytes are zeros and would count as control characters.
            return JSONReader.stops(in: word) & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1) == 0
        }
        var index = 0
        while count &- index >= 8 {
            guard JSONReader.stops(in: word(base, index)) == 0 else { return false }
            index &+= 8
        }
        // The last bytes once more together with some before them.
        return JSONReader.stops(in: word(base, count &- 8)) == 0
    }

    private static func word(_ base: UnsafeRawPointer, _ index: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Writes a string that is a valid JSON string already, escapes and all, such as one a reader returned.
    @inlinable
    public mutating func string(_ text: JSONText) {
        begin()
        buffer.reserve(text.raw.count &+ 2)
        buffer.append(UInt8(ascii: "\""))
        buffer.append(text.raw)
        buffer.append(UInt8(ascii: "\""))
    }

    /// Appends the bytes in runs that need no escape, and an escape between two runs.
    private mutating func escape(_ base: UnsafePointer<UInt8>, _ count: Int) {
        var runStart = 0
        var index = 0
        while index < count {
            if count &- index >= 8 {
                let stops = JSONReader.stops(at: base + index)
                index &+= stops == 0 ? 8 : stops.trailingZeroBitCount &>> 3
                if stops == 0 { continue }
            }
            let byte = base[index]
            if byte >= 0x80 {
                let length = UTF8Validator.sequenceLength(base, index, count)
                if length > 0 {
                    index &+= length
                    continue
                }
            } else if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                index &+= 1
                continue
            }
            buffer.append(UnsafeRawBufferPointer(start: base + runStart, count: index &- runStart))
            escape(byte)
            index &+= 1
            runStart = index
        }
        buffer.append(UnsafeRawBufferPointer(start: base + runStart, count: count &- runStart))
    }

    /// Appends what stands for one byte that may not stand in a string itself.
    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): buffer.append("\\\"")
        case UInt8(ascii: "\\"): buffer.append("\\\\")
        case 0x08: buffer.append("\\b")
        case 0x09: buffer.append("\\t")
        case 0x0A: buffer.append("\\n")
        case 0x0C: buffer.append("\\f")
        case 0x0D: buffer.append("\\r")
        case 0x80...0xFF: buffer.append("\u{FFFD}")
        default:
            buffer.append("\\u00")
            buffer.append(Hexadecimal.digit(byte >> 4))
            buffer.append(Hexadecimal.digit(byte & 0x0F))
        }
    }
}
