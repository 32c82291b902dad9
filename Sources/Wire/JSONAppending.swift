import Bytes
import Grid

extension ByteBuffer {
    /// Appends what `body` writes. The writer holds this very buffer meanwhile, so that nothing is copied.
    @inline(__always)
    mutating func appendJSON(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        swap(&writer.buffer, &self)
        body(&writer)
        swap(&writer.buffer, &self)
    }
}

extension JSONWriter {
    /// Writes a UUID in its canonical form.
    mutating func uuid(_ value: UUID128) {
        raw("\"")
        buffer.withSpare(UUID128.textLength + 1) { room in
            guard let base = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
            value.write(to: base)
            base[UUID128.textLength] = UInt8(ascii: "\"")
            return UUID128.textLength + 1
        }
    }

    /// Writes a time in ISO 8601, UTC, with milliseconds.
    mutating func time(_ value: Timestamp) {
        raw("\"")
        buffer.withSpare(Timestamp.textLength + 1) { room in
            guard let base = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
            value.write(to: base)
            base[Timestamp.textLength] = UInt8(ascii: "\"")
            return Timestamp.textLength + 1
        }
    }

    mutating func field(_ key: StaticString, _ value: UUID128?) {
        self.key(key)
        if let value { uuid(value) } else { null() }
    }

    mutating func field(_ key: StaticString, _ value: NodeID?) { field(key, value?.uuid) }

    mutating func field(_ key: StaticString, _ value: TaskID?) { field(key, value?.uuid) }

    mutating func field(_ key: StaticString, _ value: AlertID?) { field(key, value?.uuid) }

    mutating func field(_ key: StaticString, _ value: Timestamp?) {
        self.key(key)
        if let value { time(value) } else { null() }
    }

    /// Writes a text, or `null` where it is empty: what is not known has no name.
    mutating func field(_ key: StaticString, known value: String) {
        field(key, value.isEmpty ? nil : value)
    }

    /// Writes a value that is JSON text already, as it stands.
    mutating func field(_ key: StaticString, verbatim json: String) {
        self.key(key)
        var json = json
        json.withUTF8 { raw(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Writes a value that is JSON text already, in one line: whitespace between its tokens may be a line break, which
    /// would end a line of a stream of events. Within strings JSON has none.
    mutating func field(_ key: StaticString, inOneLine json: String) {
        guard json.utf8.contains(where: Self.isLineBreak) else { return field(key, verbatim: json) }
        self.key(key)
        raw("")
        for byte in json.utf8 { buffer.append(Self.isLineBreak(byte) ? UInt8(ascii: " ") : byte) }
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// Writes bytes in base 64 (RFC 4648 §4, padded).
    mutating func field(_ key: StaticString, base64 bytes: [UInt8]) {
        self.key(key)
        raw("\"")
        bytes.withUnsafeBytes { Base64.encode($0, into: &buffer) }
        buffer.append(UInt8(ascii: "\""))
    }
}
