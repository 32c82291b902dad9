internal import Bytes

/// One record of a segment: its length, its checksum, what it does, and to which key.
///
/// ```
/// 4 bytes  length of what follows the checksum
/// 4 bytes  CRC-32C of the length and of what follows
/// 1 byte   1 keep, 2 settle
/// 4 bytes  length of the key, then the key; the rest is the value
/// ```
enum SegmentRecord: Equatable {
    case keep(key: [UInt8], value: [UInt8])
    case settle(key: [UInt8])

    static let headBytes = 8

    /// The bytes on disk.
    var encoded: ByteBuffer {
        var body = ByteBuffer()
        switch self {
        case .keep(let key, let value):
            body.append(UInt8(1))
            key.withUnsafeBytes { body.append(counted: $0) }
            body.append(value)
        case .settle(let key):
            body.append(UInt8(2))
            key.withUnsafeBytes { body.append(counted: $0) }
        }
        var record = ByteBuffer(capacity: Self.headBytes + body.count)
        record.appendBigEndian(UInt32(body.count))
        record.appendBigEndian(Self.checksum(of: body))
        record.append(body)
        return record
    }

    private static func checksum(of body: ByteBuffer) -> UInt32 {
        body.withBytes { checksum(of: $0) }
    }

    /// The length takes part: a flipped bit of it must not pass for another record.
    private static func checksum(of body: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = CRC32C()
        withUnsafeBytes(of: UInt32(body.count).bigEndian) { checksum.feed($0) }
        checksum.feed(body)
        return checksum.value
    }

    /// What stands at the beginning of the bytes.
    enum Scan: Equatable {
        case record(SegmentRecord, byteCount: Int)
        /// The bytes end before the record does.
        case cutShort
        case wrongChecksum
        /// Whole, but of no kind that is known; so many bytes.
        case unknown(byteCount: Int)
    }

    /// Reads one record; `maximumBytes` bounds its body, so that a flipped length is not taken for a long record.
    static func scan(_ bytes: UnsafeRawBufferPointer, maximumBytes: Int) -> Scan {
        var reader = ByteReader(bytes)
        guard let length = reader.integer(UInt32.self), let sum = reader.integer(UInt32.self) else { return .cutShort }
        guard length <= maximumBytes else { return .wrongChecksum }
        guard let body = reader.bytes(Int(length)) else { return .cutShort }
        guard checksum(of: body) == sum else { return .wrongChecksum }
        let byteCount = headBytes + body.count
        var inside = ByteReader(body)
        guard let kind = inside.integer(UInt8.self), let key = inside.counted() else {
            return .unknown(byteCount: byteCount)
        }
        switch kind {
        case 1:
            let value = [UInt8](inside.bytes(inside.remaining) ?? UnsafeRawBufferPointer(start: nil, count: 0))
            return .record(.keep(key: [UInt8](key), value: value), byteCount: byteCount)
        case 2 where inside.remaining == 0: return .record(.settle(key: [UInt8](key)), byteCount: byteCount)
        default: return .unknown(byteCount: byteCount)
        }
    }
}
