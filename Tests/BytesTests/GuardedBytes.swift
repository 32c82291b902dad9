import Glibc

/// Memory whose end is the end of a readable page: a read beyond the bytes put there ends the process.
///
/// Not Sendable; make one a test.
final class GuardedBytes {
    private let mapping: UnsafeMutableRawPointer
    private let room: Int
    private static let page = 4096

    /// Room for inputs of up to `room` bytes.
    init(room: Int) {
        self.room = (room + Self.page - 1) / Self.page * Self.page
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let address = mmap(nil, self.room + Self.page, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let address, address != MAP_FAILED else { preconditionFailure("mmap failed") }
        mapping = address
        precondition(mprotect(mapping + self.room, Self.page, PROT_NONE) == 0)
    }

    deinit {
        munmap(mapping, room + Self.page)
    }

    /// Lends a copy of `bytes` that ends where the forbidden page begins.
    func with<R>(_ bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        precondition(bytes.count <= room)
        let start = mapping + (room - bytes.count)
        UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyBytes(from: bytes)
        return try body(UnsafeRawBufferPointer(start: start, count: bytes.count))
    }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
