/// Fowler–Noll–Vo 1a, 64 bits, by words: the same in every process.
struct FNV {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01B3 ^ value >> 47 }
    mutating func add(_ word: Int) { add(UInt64(truncatingIfNeeded: word)) }
    mutating func add(_ word: Int64) { add(UInt64(bitPattern: word)) }
    mutating func add(_ flag: Bool) { add(flag ? 1 : 2 as UInt64) }

    mutating func add(_ text: String) {
        add(text.utf8.count)
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
}
