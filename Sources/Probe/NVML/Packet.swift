/// Builds one packet in a buffer that is used again for the next.
struct PacketWriter: ~Copyable {
    private let room: UnsafeMutableRawBufferPointer
    private var count = 0

    init(capacity: Int) { room = .allocate(byteCount: capacity, alignment: 8) }

    deinit { room.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: room[..<count]) }

    mutating func begin(_ kind: NVMLMessage.Kind) {
        count = 0
        put(kind.rawValue)
    }

    mutating func put<Integer: FixedWidthInteger>(_ value: Integer) {
        precondition(room.count - count >= MemoryLayout<Integer>.size, "a packet is sized for its longest content")
        room.storeBytes(of: value, toByteOffset: count, as: Integer.self)
        count += MemoryLayout<Integer>.size
    }

    /// A byte that says whether the value follows, and the value as 64 bits.
    mutating func put(optional value: (some FixedWidthInteger)?) {
        put(UInt8(value == nil ? 0 : 1))
        if let value { put(UInt64(truncatingIfNeeded: value)) }
    }

    /// Its length in one byte (longer text is cut) and its UTF-8.
    mutating func put(_ text: String) {
        let bytes = text.utf8.prefix(255)
        put(UInt8(bytes.count))
        for byte in bytes { put(byte) }
    }
}

/// Reads a packet that came from another process: anything may be short.
struct PacketReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Whether something was read beyond the end.
    private(set) var isShort = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func kind() -> NVMLMessage.Kind? { byte().flatMap(NVMLMessage.Kind.init(rawValue:)) }
    mutating func byte() -> UInt8? { integer() }
    mutating func word() -> UInt32? { integer() }
    mutating func long() -> UInt64? { integer() }

    private mutating func integer<Integer: FixedWidthInteger>() -> Integer? {
        guard bytes.count - position >= MemoryLayout<Integer>.size else {
            isShort = true
            return nil
        }
        defer { position += MemoryLayout<Integer>.size }
        return bytes.loadUnaligned(fromByteOffset: position, as: Integer.self)
    }

    /// The counterpart of ``PacketWriter/put(optional:)``; a value that does not fit is taken as absent.
    mutating func optional<Integer: FixedWidthInteger>() -> Integer? {
        guard let flag = byte(), flag != 0, let value = long() else { return nil }
        return Integer.isSigned ? Integer(exactly: Int64(bitPattern: value)) : Integer(exactly: value)
    }

    mutating func text() -> String? {
        guard let count = byte(), bytes.count - position >= Int(count) else {
            isShort = true
            return nil
        }
        defer { position += Int(count) }
        return String(decoding: bytes[position..<position + Int(count)], as: UTF8.self)
    }
}
