import Bytes
import Testing

/// Seeded mutations of valid texts: nothing may trap or read beyond the bytes, and all ways of reading must agree.
@Suite struct JSONReaderMutationTests {
    static let seeds = [
        "{\"node\":\"n-1\",\"cpu_usage\":23.5,\"gpus\":[{\"temperature\":61,\"power_draw\":301.25,"
            + "\"name\":\"H200 \\u00e9\"}],\"ok\":true,\"none\":null,"
            + "\"text\":\"Grüße 世界 𝄞 and some more plain text\",\"exp\":-1.25e-7}",
        "[[[[]]],{\"a\":{\"b\":{\"c\":[1,2,3,4,5,6,7,8,9,10,123456789012345678901234567890]}}},\"\\ud834\\udd1e\\n\"]",
        "\"\\\\\\\"\\/\\b\\f\\n\\r\\t\\u0000\\uffff plain \u{7F} é\"",
        "-0.000000000000000000000000012345678901234567890e+308",
    ]
    static let splices = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "-", "+", ".", "e", "0", "9999999999999999999",
        "1e309",
        "null", "true", "\u{0}", "\u{1F}", " ", "\n", "é", "𝄞",
    ]

    private func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(Self.seeds[Int.random(in: 0..<Self.seeds.count, using: &random)].utf8)
        for _ in 0..<Int.random(in: 1..<5, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<9, using: &random)))
            case 3: bytes.removeSubrange(place...)
            default:
                let splice = Self.splices[Int.random(in: 0..<Self.splices.count, using: &random)]
                bytes.insert(contentsOf: splice.utf8, at: place)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8)
    func nothingTrapsAndSkippingAgreesWithReading(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(1000 + seed))
        let guarded = GuardedBytes(room: 4096)
        for _ in 0..<4000 {
            let bytes = mutated(&random)
            let (skipped, read): (JSONError?, JSONError?) = guarded.with(bytes) { bytes in
                var skipping = JSONReader(bytes)
                var reading = JSONReader(bytes)
                return (
                    outcome { () throws(JSONError) in
                        try skipping.skipValue()
                        try skipping.finish()
                    },
                    outcome { () throws(JSONError) in
                        _ = try JSONTree(&reading)
                        try reading.finish()
                    }
                )
            }
            // Reading as doubles refuses what overflows; in all else both must find the same fault in the same place.
            if read?.kind != .numberOutOfRange {
                #expect(skipped == read, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    @Test(arguments: 0..<4)
    func everyReadFunctionSurvivesAnything(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(2000 + seed))
        let guarded = GuardedBytes(room: 4096)
        for _ in 0..<4000 {
            let bytes = mutated(&random)
            guarded.with(bytes) { bytes in
                var reader = JSONReader(bytes, maximumDepth: 8)
                _ = outcome { () throws(JSONError) in
                    // Also in orders that make no sense: an error is fine, a trap is not.
                    for _ in 0..<64 { try step(&reader, &random) }
                }
                #expect(reader.offset <= bytes.count)
            }
        }
    }

    private func step(_ reader: inout JSONReader, _ random: inout SeededRandom) throws(JSONError) {
        switch Int.random(in: 0..<13, using: &random) {
        case 0: _ = try reader.readInt64()
        case 1: _ = try reader.readUInt64()
        case 2: _ = try reader.readDouble()
        case 3: _ = try reader.readFixed(decimals: 3)
        case 4: _ = try reader.readString()
        case 5: _ = try reader.readRaw()
        case 6: try reader.skipValue()
        case 7: _ = try reader.readBool()
        case 8: _ = try reader.readNull()
        case 9: try reader.beginObject()
        case 10: try reader.beginArray()
        case 11: _ = try reader.nextKey()?.string
        default: _ = try reader.nextElement()
        }
    }

    private func outcome(_ body: () throws(JSONError) -> Void) -> JSONError? {
        do throws(JSONError) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
