import Testing

@testable import Service

@Suite struct JSON5OutlineTests {
    private func keys(_ text: String) -> [String] {
        JSON5Outline(Array(text.utf8)).keys.map { "\($0.path.joined(separator: ".")):\($0.line)" }
    }

    @Test func keysHaveTheirLines() {
        let text = """
            // first: 1
            {
              a: 1, /* b:
              2 */ c: {
                'd e': [ { hidden: 1 },
                  2 ],
                "f\\u0067": "text with { and : and \\" and // in it",
              }, $h: 'a \\
              continued line', i: -.5e3
            }
            """
        #expect(keys(text) == ["a:3", "c:4", "c.d e:5", "c.fg:7", "$h:8", "i:9"])
        #expect(JSON5Outline(Array(text.utf8)).fault == nil)
    }

    @Test func lineEndsOfWindowsCountOnce() {
        #expect(keys("{\r\na: 'x\\\r\ny',\r\nb: 2}") == ["a:2", "b:4"])
    }

    @Test func equalKeysAreFound() {
        #expect(JSON5Outline(Array("{a: {b: 1}, c: {b: 1}}".utf8)).firstDuplicate == nil)
        #expect(JSON5Outline(Array("{a: {b: 1,\n 'b': 1}}".utf8)).firstDuplicate == .init(path: ["a", "b"], line: 2))
        #expect(JSON5Outline(Array("{a: [{b: 1}, {b: 1}]}".utf8)).firstDuplicate == nil)
    }

    @Test func bytesThatAreNotUTF8HaveALine() {
        let fault = JSON5Outline(Array("{a: 1,\n b: '".utf8) + [0xFF] + Array("'}".utf8)).fault
        #expect(fault?.line == 2)
        #expect(fault?.reason == "not UTF-8")
    }

    @Test func depthIsBounded() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(JSON5Outline(deep).fault?.reason == "nested too deeply")
    }

    /// Any text ends, and none traps; what the decoder takes has no fault here.
    @Test func mutatedTextsNeitherTrapNorHang() {
        let sample = Array("{a: 'x\\u0041', \"b\": [1, {c: .5}, // d\n], /* e */ f: {g: 0x1F,}, h: null}".utf8)
        var random = SeededRandom(state: 11)
        var decoded = 0
        for _ in 0..<30_000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1..<4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
                default: bytes.insert(Array("{}[],:'\"\\/*\n".utf8).randomElement(using: &random) ?? 0, at: place)
                }
                if bytes.isEmpty { break }
            }
            let outline = JSON5Outline(bytes)
            if let file = try? SettingsFile(path: "x", bytes: bytes) {
                #expect(outline.fault == nil, "\(String(decoding: bytes, as: UTF8.self))")
                #expect(outline.keys.allSatisfy { file.root.value(at: $0.path) != nil })
                decoded += 1
            }
        }
        #expect(decoded > 1000)
    }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
private struct SeededRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
