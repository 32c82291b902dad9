import Bytes
import Testing

@Suite struct UTF8ValidatorTests {
    /// The index of the first byte that is refused when the bytes come one at a time; `nil` if none is.
    private func firstRefused(_ bytes: [UInt8]) -> Int? {
        var validator = UTF8Validator()
        for (index, byte) in bytes.enumerated() where !withUnsafeBytes(of: byte, { validator.feed($0) }) {
            return index
        }
        return nil
    }

    private func isValid(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { UTF8Validator.isValid($0) }
    }

    /// Whether some scalar's UTF-8 begins with `bytes`, by the standard library's own encoder.
    private static let prefixes: Set<[UInt8]> = {
        var prefixes: Set<[UInt8]> = [[]]
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else { continue }
            let bytes = Array(encoded)
            // All sequences that agree but for the last byte share their prefixes; the last byte decides itself.
            if bytes.count < 3 || bytes[bytes.count - 1] == 0x80 || bytes[bytes.count - 1] == 0xBF {
                for length in 1...bytes.count { prefixes.insert(Array(bytes.prefix(length))) }
            }
        }
        return prefixes
    }()

    @Test func everyPairOfBytesAgreesWithTheStandardLibrary() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil))
                let expected: Int? =
                    if !Self.prefixes.contains([first]) {
                        0
                    } else if first < 0x80 {
                        Self.prefixes.contains([second]) ? nil : 1
                    } else {
                        Self.prefixes.contains(bytes) ? nil : 1
                    }
                #expect(firstRefused(bytes) == expected, "\(bytes)")
            }
        }
    }

    @Test func everyLeadWithEveryEdgeOfItsContinuations() {
        let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        for lead in UInt8(0xC0)...0xFF {
            for second in edges {
                for third in edges {
                    let three = [lead, second, third]
                    #expect(isValid(three) == (String(validating: three, as: UTF8.self) != nil), "\(three)")
                    for fourth in edges {
                        let four = three + [fourth]
                        #expect(isValid(four) == (String(validating: four, as: UTF8.self) != nil), "\(four)")
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x9F, 0xBF], 1), ([0xF0, 0x8F, 0xBF, 0xBF], 1),
            ([0xED, 0xA0, 0x80], 1), ([0xED, 0xBF, 0xBF], 1), ([0xF4, 0x90, 0x80, 0x80], 1), ([0xF5, 0x80], 0),
            ([0x80], 0), ([0x61, 0xE2, 0x82, 0x61], 3), ([0xF0, 0x9D, 0x84, 0x61], 3), ([0xFF], 0), ([0xFE], 0),
        ] as [([UInt8], Int)])
    func theFirstBadByteIsReportedInMidSequence(_ bytes: [UInt8], _ index: Int) {
        #expect(firstRefused(bytes) == index)
        #expect(!isValid(bytes))
        // The same in one piece, and behind a long run of ASCII.
        var validator = UTF8Validator()
        #expect(bytes.withUnsafeBytes { validator.firstInvalidIndex(feeding: $0) } == index)
        #expect(!validator.isComplete)
        let long = [UInt8](repeating: 0x61, count: 37) + bytes
        validator = UTF8Validator()
        #expect(long.withUnsafeBytes { validator.firstInvalidIndex(feeding: $0) } == 37 + index)
        // A validator that has failed stays failed.
        #expect(!withUnsafeBytes(of: UInt8(0x61)) { validator.feed($0) })
    }

    @Test(arguments: [[0xC3], [0xE2], [0xE2, 0x82], [0xF0], [0xF0, 0x9D], [0xF0, 0x9D, 0x84]] as [[UInt8]])
    func aCutSequenceIsNotWrongYetButNotComplete(_ bytes: [UInt8]) {
        var validator = UTF8Validator()
        #expect(validator.isComplete)
        #expect(bytes.withUnsafeBytes { validator.feed($0) })
        #expect(!validator.isComplete)
        #expect(!isValid(bytes))
    }

    @Test func anyCutOfAValidTextIsValid() {
        let text = Array(
            "Grüße, 世界! 𝄞𝄞 plain ASCII text that is longer than sixteen bytes \u{10FFFF}\u{800}\u{FFFF}é".utf8)
        for cut in 0...text.count {
            var validator = UTF8Validator()
            #expect(text[..<cut].withUnsafeBytes { validator.feed($0) })
            #expect(text[cut...].withUnsafeBytes { validator.feed($0) })
            #expect(validator.isComplete)
        }
        #expect(isValid(text))
        #expect(isValid([]))
    }

    @Test func mutatedTextsAgreeWithTheStandardLibraryAndWithThemselvesInPieces() {
        var random = SeededRandom(seed: 5)
        let guarded = GuardedBytes(room: 256)
        let sample = Array("αβγ abcdefghijklmnopqrstuvwxyz 0123456789 €𝄞 ünïcödé 世界 end".utf8)
        for _ in 0..<5000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0..<8, using: &random))
            let valid = String(validating: bytes, as: UTF8.self) != nil
            #expect(guarded.with(bytes) { UTF8Validator.isValid($0) } == valid)
            var whole = UTF8Validator()
            let index = guarded.with(bytes) { whole.firstInvalidIndex(feeding: $0) }
            #expect(index == firstRefused(bytes))
            #expect((index == nil && whole.isComplete) == valid)
        }
    }

    @Test func theStateIsSmall() {
        #expect(MemoryLayout<UTF8Validator>.size <= 4)
    }
}
