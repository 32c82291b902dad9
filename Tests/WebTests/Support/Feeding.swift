import Bytes
import Testing

@testable import Web

/// A run of bytes given to a machine in pieces, each in memory of its own that is scribbled over afterwards, so that a
/// machine which keeps a pointer into its input is caught.
struct Feeding {
    var pieces: [[UInt8]]

    /// Everything at once.
    static func whole(_ bytes: [UInt8]) -> Feeding { Feeding(pieces: [bytes]) }

    /// Pieces of `count` bytes.
    static func chopped(_ bytes: [UInt8], by count: Int = 1) -> Feeding {
        Feeding(
            pieces: stride(from: 0, to: bytes.count, by: count).map { Array(bytes[$0..<min($0 + count, bytes.count)]) })
    }

    /// Two pieces, cut at `index`.
    static func cut(_ bytes: [UInt8], at index: Int) -> Feeding {
        Feeding(pieces: [Array(bytes[..<index]), Array(bytes[index...])])
    }

    /// Pieces of random lengths up to `longest`.
    static func scattered(_ bytes: [UInt8], longest: Int, _ random: inout SeededRandom) -> Feeding {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 0...longest, using: &random))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return Feeding(pieces: pieces)
    }

    /// Every way to look at `bytes` that a test wants the same outcome from: whole, byte by byte, each cut in two.
    static func everyCut(of bytes: [UInt8]) -> [Feeding] {
        [.whole(bytes), .chopped(bytes)] + (0...bytes.count).map { .cut(bytes, at: $0) }
    }

    /// Hands each piece to `body`.
    func forEach(_ body: (inout InputCursor) throws -> Void) rethrows {
        for piece in pieces {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
            memory.copyBytes(from: piece)
            defer {
                _ = memory.initializeMemory(as: UInt8.self, repeating: 0xAA)
                memory.deallocate()
            }
            var cursor = InputCursor(memory)
            try body(&cursor)
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
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

    /// `bytes` with a few random faults: changed, removed, doubled and inserted bytes.
    mutating func mutated(_ bytes: [UInt8], interesting: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes[index] = interesting.randomElement(using: &self) ?? 0
            case 2: bytes.insert(interesting.randomElement(using: &self) ?? 0, at: index)
            case 3: bytes.remove(at: index)
            case 4: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            default:
                let end = min(bytes.count, index + Int.random(in: 1...16, using: &self))
                bytes.insert(contentsOf: bytes[index..<end], at: Int.random(in: 0...bytes.count, using: &self))
            }
        }
        return bytes
    }
}

/// A text as a test's argument, told with its control characters escaped.
struct Quoted: ExpressibleByStringLiteral, CustomTestStringConvertible, Sendable {
    var text: String

    init(stringLiteral text: String) { self.text = text }

    var testDescription: String { text.debugDescription }
}

extension [UInt8] {
    /// The bytes of `text`, for tests that are about bytes.
    init(_ text: String) { self = Array(text.utf8) }

    /// The bytes of hexadecimal digits, blanks ignored.
    init(hex: String) {
        self = Hexadecimal.decode(hex.filter { $0 != " " }) ?? []
    }
}

extension Array where Element == UInt8 {
    /// The text of the bytes, for comparing.
    var text: String { String(decoding: self, as: UTF8.self) }
}
