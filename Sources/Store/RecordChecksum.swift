import Grid

/// A 64-bit checksum (FNV-1a) over a record's fields, kept beside it: SQLite checks that a page is well-formed,
/// not that its values are those that were written.
///
/// Not a signature: it finds decay of the disk, not an intruder. Every change of a single byte is found.
/// An absent field counts for nothing, so a field that is added later leaves the checksums of older records as they
/// are.
struct RecordChecksum {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The checksum as SQLite's signed integer.
    var value: Int64 { Int64(bitPattern: state) }

    private mutating func mix(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    private mutating func mix(_ word: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
    }

    /// Adds a field by its number in the record, which never changes its meaning.
    mutating func add(_ field: UInt8, _ word: UInt64?) {
        guard let word else { return }
        mix(field)
        mix(word)
    }

    /// Adds a field.
    mutating func add(_ field: UInt8, _ integer: Int64?) { add(field, integer.map { UInt64(bitPattern: $0) }) }

    /// Adds a field.
    mutating func add(_ field: UInt8, _ bytes: [UInt8]?) {
        guard let bytes else { return }
        mix(field)
        mix(UInt64(bytes.count))
        for byte in bytes { mix(byte) }
    }

    /// Adds a field.
    mutating func add(_ field: UInt8, _ text: String?) {
        guard let text else { return }
        mix(field)
        mix(UInt64(text.utf8.count))
        for byte in text.utf8 { mix(byte) }
    }

    /// Adds a field.
    mutating func add(_ field: UInt8, _ uuid: UUID128) {
        mix(field)
        mix(uuid.high)
        mix(uuid.low)
    }
}
