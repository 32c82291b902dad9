import Bytes

/// The keys of one object on the wire, in the order in which our own encoder writes them.
///
/// Decoders look a key up where the previous one leads to expect it, so that a message in our own order costs one
/// comparison a key, and any other order costs a search and nothing else.
protocol WireKey: RawRepresentable where RawValue == Int {
    /// The key as spelled on the wire.
    var name: StaticString { get }
}

extension WireKey {
    /// The key that `text` spells, or `nil` for one that this version does not know.
    ///
    /// `expected` is the raw value to try first; it is moved behind the key that was found.
    @inline(__always)
    static func find(_ text: JSONText, expected: inout Int) -> Self? {
        if !text.hasEscapes, let key = Self(rawValue: expected), key.isSpelled(text.raw) {
            expected &+= 1
            return key
        }
        return search(text, expected: &expected)
    }

    /// Looks through all keys, from the expected one around to it again.
    @inline(never)
    private static func search(_ text: JSONText, expected: inout Int) -> Self? {
        let start = expected
        var position = start
        var wrapped = false
        repeat {
            guard let key = Self(rawValue: position) else {
                if wrapped { return nil }
                wrapped = true
                position = 0
                continue
            }
            if text.hasEscapes ? text.equals(key.name) : key.isSpelled(text.raw) {
                expected = position &+ 1
                return key
            }
            position &+= 1
        } while !(wrapped && position >= start)
        return nil
    }

    /// Whether `bytes` are this key's. Whole words first: keys are short, and a call costs more than they do.
    @inline(__always)
    private func isSpelled(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let name = name
        let count = name.utf8CodeUnitCount
        guard bytes.count == count, let one = bytes.baseAddress else { return false }
        let other = UnsafeRawPointer(name.utf8Start)
        guard count >= 8 else { return JSONText.packed(bytes) == JSONText.packed(name) }
        var offset = 0
        while offset &+ 8 < count {
            guard word(one, offset) == word(other, offset) else { return false }
            offset &+= 8
        }
        // The last word overlaps the one before it.
        return word(one, count &- 8) == word(other, count &- 8)
    }

    @inline(__always)
    private func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
