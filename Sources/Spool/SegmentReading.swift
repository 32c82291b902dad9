internal import Bytes

/// What a segment on disk says, up to the first byte that is not to be believed.
struct SegmentReading {
    /// Whether its head is that of a segment of this number.
    private(set) var isOurs = false
    /// What is kept and not settled, in the order of the file.
    private(set) var live: [SegmentRecord] = []
    /// The bytes that are whole.
    private(set) var wholeBytes = 0
    private(set) var damage: SpoolDamage?

    init(path: String, number: UInt64, limits: JournalLimits) throws(SpoolError) {
        let longest = 4 * (limits.liveBytes + limits.slackBytes) + limits.recordBytes
        let bytes = try SegmentFile.read(path, atMost: longest)
        bytes.withUnsafeBytes { read($0, path, number, limits) }
    }

    private mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ path: String, _ number: UInt64, _ limits: JournalLimits
    ) {
        func damaged(_ kind: SpoolDamage.Kind, at offset: Int) -> SpoolDamage {
            SpoolDamage(kind: kind, path: path, offset: offset, lostBytes: bytes.count - offset)
        }
        var head = ByteReader(bytes)
        guard let magic = head.bytes(SegmentFile.magic.count), magic.elementsEqual(SegmentFile.magic),
            head.integer(UInt64.self) == number
        else {
            damage = damaged(.foreign, at: 0)
            return
        }
        isOurs = true
        var offset = SegmentFile.headBytes
        // By key, its place in `order`.
        var places: [[UInt8]: Int] = [:]
        var order: [SegmentRecord?] = []
        reading: while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            switch SegmentRecord.scan(rest, maximumBytes: limits.recordBytes + 64) {
            case .record(let record, let byteCount):
                switch record {
                case .keep(let key, _):
                    if let place = places[key] {
                        order[place] = record
                    } else {
                        places[key] = order.count
                        order.append(record)
                    }
                case .settle(let key):
                    if let place = places.removeValue(forKey: key) { order[place] = nil }
                }
                offset += byteCount
            case .cutShort:
                damage = damaged(.tornTail, at: offset)
                break reading
            case .wrongChecksum:
                damage = damaged(.checksum, at: offset)
                break reading
            case .unknown:
                damage = damaged(.record, at: offset)
                break reading
            }
        }
        wholeBytes = offset
        live = order.compactMap { $0 }
    }
}
