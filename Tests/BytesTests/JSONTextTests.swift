import Bytes
import Testing

@Suite struct JSONTextTests {
    private func text<R>(_ json: String, _ body: (JSONText) throws -> R) throws -> R {
        try reading(json) { reader in try body(reader.readText()) }
    }

    @Test func plainTextIsItsBytes() throws {
        try text("\"plain\"") { text in
            #expect(!text.hasEscapes)
            #expect(text.raw.elementsEqual("plain".utf8))
            #expect(text.string == "plain")
            #expect(text == "plain")
            #expect(text != "plait")
            #expect(text != "plai")
            #expect(text != "")
        }
    }

    @Test func escapedTextIsComparedDecoded() throws {
        try text("\"no\\u0064es\"") { text in
            #expect(text.hasEscapes)
            #expect(text == "nodes")
            #expect(text != "node")
            #expect(text != "no\\u0064es")
            #expect(text.string == "nodes")
            text.withDecoded { #expect($0.elementsEqual("nodes".utf8)) }
        }
    }

    @Test(arguments: [
        ("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\u{8}\u{C}\n\r\t"), ("\\u0000", "\u{0}"), ("\\u00e9\\u00E9", "éé"),
        ("\\u20ac", "€"), ("\\uD834\\uDD1E!", "𝄞!"), ("\\uffff", "\u{FFFF}"), ("\\udbff\\udfff", "\u{10FFFF}"),
        ("\\ud800\\udc00", "\u{10000}"), ("a\\\\u0041", "a\\u0041"), ("é\\n€", "é\n€"),
    ])
    func escapesAreDecoded(_ raw: String, _ expected: String) throws {
        #expect(try text("\"\(raw)\"") { Array($0.string.utf8) } == Array(expected.utf8))
    }

    @Test func aSwitchMayNameLiterals() throws {
        let found = try text("\"temperature\"") { text in
            switch text {
            case "power": 1
            case "temperature": 2
            default: 3
            }
        }
        #expect(found == 2)
    }

    @Test func packedPrefixesTellShortKeysApart() throws {
        for key in ["", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghi"] {
            var expected: UInt64 = 0
            for (index, byte) in key.utf8.prefix(8).enumerated() { expected |= UInt64(byte) << UInt64(8 * index) }
            #expect(try text("\"\(key)\"") { $0.packedPrefix } == expected)
        }
        #expect(JSONText.packed("abcde") == 0x65_6463_6261)
        #expect(JSONText.packed("") == 0)
    }
}
