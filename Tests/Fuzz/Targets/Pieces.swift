/// How an input is cut into pieces, as a socket may deliver it: no machine may see a difference.
enum Cutting: CaseIterable {
    case whole, bytes, scattered

    /// Hands the pieces to `body`, each in memory of its own and just its size, which is scribbled over afterwards: a
    /// machine that keeps a pointer into its input is caught.
    func forEach(_ input: UnsafeRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        var random = SplitMix64(seed: UInt64(input.count))
        var rest = input[...]
        while !rest.isEmpty {
            let count =
                switch self {
                case .whole: rest.count
                case .bytes: 1
                case .scattered: Int.random(in: 1...min(rest.count, 24), using: &random)
                }
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
            piece.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            defer {
                _ = piece.initializeMemory(as: UInt8.self, repeating: 0xAA)
                piece.deallocate()
            }
            try body(piece)
        }
    }
}

/// The same numbers from the same seed, everywhere.
struct SplitMix64: RandomNumberGenerator {
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
