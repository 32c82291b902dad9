import Bytes
import Testing

@Suite struct JSONReaderTests {
    static let valid = [
        "{}", "[]", "0", "-0", "\"\"", "true", "false", "null", " \t\r\n[ ] \n", "[1]", "[1,2 , 3]", "[[],[[]],{}]",
        "{\"a\":1}", "{ \"a\" : [ { \"b\" : null } , true ] , \"c\" : \"d\" }", "{\"\":0}", "{\"a\":1,\"a\":2}",
        "[null,1,\"1\",{}]", "-1.5e+10", "1E5", "1e-5", "0.5", "0e0", "123456789012345678901234567890",
        "1e400000000000000000000", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "\"\\u0041\\u00e9\\uFFFF\"", "\"\\u0000\"",
        "\"\\uD834\\udd1e\"", "\"é€𝄞\"", "\"\u{7F}\"", "\"\u{2028}\u{2029}\u{FEFF}\"",
        "[\"a string of 8\",\"12345678\"]",
    ]

    /// Wrong texts with the fault and where it lies.
    static let invalid: [(String, JSONError.Kind, Int)] = [
        ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("{", .unexpectedEnd, 1), ("[", .unexpectedEnd, 1),
        ("]", .unexpectedByte, 0), ("}", .unexpectedByte, 0), (",", .unexpectedByte, 0), (":", .unexpectedByte, 0),
        ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedByte, 3),
        ("[,1]", .unexpectedByte, 1),
        ("[,]", .unexpectedByte, 1), ("[1,,2]", .unexpectedByte, 3), ("[1 2]", .unexpectedByte, 3),
        ("[1}", .unexpectedByte, 2), ("{]", .unexpectedByte, 1), ("{\"a\"}", .unexpectedByte, 4),
        ("{\"a\":}", .unexpectedByte, 5), ("{\"a\":1,}", .unexpectedByte, 7), ("{,}", .unexpectedByte, 1),
        ("{\"a\":1 \"b\":2}", .unexpectedByte, 7), ("{\"a\" 1}", .unexpectedByte, 5), ("{a:1}", .unexpectedByte, 1),
        ("{1:1}", .unexpectedByte, 1), ("{\"a\"::1}", .unexpectedByte, 5), ("{'a':1}", .unexpectedByte, 1),
        ("{\"a\":1", .unexpectedEnd, 6), ("{\"a\":1,", .unexpectedEnd, 7), ("{\"a\":1,,\"b\":2}", .unexpectedByte, 7),
        ("{\"a\":1]", .unexpectedByte, 6), ("{\"a", .unexpectedEnd, 3), ("{\"a\"", .unexpectedEnd, 4),
        ("{\"a\":", .unexpectedEnd, 5), ("1 2", .trailingBytes, 2), ("{}{}", .trailingBytes, 2),
        ("[]]", .trailingBytes, 2), ("1\u{0}", .trailingBytes, 1), ("nul", .unexpectedEnd, 3),
        ("nulL", .unexpectedByte, 3),
        ("truE", .unexpectedByte, 3), ("True", .unexpectedByte, 0), ("falsy", .unexpectedByte, 4),
        ("nulll", .trailingBytes, 4), ("NaN", .unexpectedByte, 0), ("Infinity", .unexpectedByte, 0),
        ("-Infinity", .invalidNumber, 1), ("01", .invalidNumber, 0), ("-01", .invalidNumber, 1),
        ("00", .invalidNumber, 0),
        ("+1", .unexpectedByte, 0), (".5", .unexpectedByte, 0), ("1.", .unexpectedEnd, 2), ("[1.]", .invalidNumber, 3),
        ("1.e5", .invalidNumber, 2), ("-", .unexpectedEnd, 1), ("--1", .invalidNumber, 1), ("1e", .unexpectedEnd, 2),
        ("[1e]", .invalidNumber, 3), ("1e+", .unexpectedEnd, 3), ("1e+-1", .invalidNumber, 3),
        ("1.5.5", .trailingBytes, 3),
        ("0x10", .trailingBytes, 1), ("1_000", .trailingBytes, 1), ("\"", .unexpectedEnd, 1),
        ("\"abc", .unexpectedEnd, 4),
        ("\"\\", .invalidEscape, 1), ("\"\\\"", .unexpectedEnd, 3), ("\"\\x41\"", .invalidEscape, 1),
        ("\"\\'\"", .invalidEscape, 1), ("\"\\u12\"", .invalidEscape, 1), ("\"\\u12G4\"", .invalidEscape, 1),
        ("\"\\U0041\"", .invalidEscape, 1), ("\"\\ud834\"", .invalidEscape, 1), ("\"\\udd1e\"", .invalidEscape, 1),
        ("\"\\ud834\\u0041\"", .invalidEscape, 1), ("\"\\ud834\\ud834\"", .invalidEscape, 1),
        ("\"a\nb\"", .controlCharacter, 2), ("\"\t\"", .controlCharacter, 1), ("\"\u{0}\"", .controlCharacter, 1),
        ("\"a long enough string\u{1F}\"", .controlCharacter, 21), ("'a'", .unexpectedByte, 0),
        ("\u{FEFF}[]", .unexpectedByte, 0), ("\u{A0}1", .unexpectedByte, 0), ("\u{C}1", .unexpectedByte, 0),
        ("[1]//", .trailingBytes, 3), ("/**/1", .unexpectedByte, 0), ("[\u{B}]", .unexpectedByte, 1),
    ]

    @Test(arguments: valid)
    func whatTheGrammarAllowsIsAccepted(_ text: String) {
        #expect(fault(in: text) == nil)
    }

    @Test(arguments: invalid)
    func whatTheGrammarForbidsIsRefusedWhereItIs(_ text: String, _ kind: JSONError.Kind, _ offset: Int) {
        let found = fault(in: text)
        #expect(found?.kind == kind, "\(text): \(String(describing: found))")
        #expect(found?.offset == offset, "\(text): \(String(describing: found))")
    }

    @Test func everyPrefixOfAValidTextIsRefused() {
        let text = Array("{\"a\":[1.5e3,\"x\\u00e9é\",true,null,{\"b\":{}}]}".utf8)
        for length in 0..<text.count {
            #expect(fault(in: Array(text[..<length])) != nil)
        }
        #expect(fault(in: text) == nil)
    }

    @Test func stringsThatAreNotUTF8AreRefused() {
        for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]] {
            for padding in 0..<10 {
                let text =
                    [UInt8(ascii: "\"")] + [UInt8](repeating: 0x61, count: padding) + bytes + [UInt8(ascii: "\"")]
                #expect(fault(in: text)?.kind == .invalidUTF8)
                #expect(fault(in: text)?.offset == 1 + padding)
            }
        }
        #expect(fault(in: [0xFF])?.kind == .unexpectedByte)
    }

    @Test func depthIsLimited() {
        let three = "[{\"a\":[]}]"
        #expect(fault(in: three, maximumDepth: 3) == nil)
        #expect(fault(in: three, maximumDepth: 2)?.kind == .tooDeep)
        #expect(fault(in: three, maximumDepth: 2)?.offset == 6)
        let deep = String(repeating: "[", count: 100_000)
        #expect(fault(in: deep)?.kind == .tooDeep)
        #expect(fault(in: deep)?.offset == 32)
        let full = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(fault(in: full, maximumDepth: 64) == nil)
        #expect(fault(in: full, maximumDepth: 63)?.kind == .tooDeep)
        // Depth is of what is open at once, not of what was ever opened.
        #expect(fault(in: "[[],[],[],[]]", maximumDepth: 2) == nil)
    }

    @Test func kindsAreTold() throws {
        let kinds: [(String, JSONKind)] = [
            (" {}", .object), ("[]", .array), ("\"\"", .string), ("-1", .number), ("7", .number), ("true", .bool),
            ("false", .bool), ("null", .null),
        ]
        for (text, kind) in kinds { #expect(try reading(text) { try $0.peek() } == kind) }
    }

    @Test func theWrongKindIsNamedAndNothingIsTaken() {
        #expect(throws: JSONError(.typeMismatch, at: 1)) { try reading(" {}") { try $0.beginArray() } }
        #expect(throws: JSONError(.typeMismatch, at: 0)) { try reading("[]") { try $0.beginObject() } }
        #expect(throws: JSONError(.typeMismatch, at: 0)) { try reading("1") { try $0.readBool() } }
        #expect(throws: JSONError(.typeMismatch, at: 0)) { _ = try reading("1") { try $0.readString() } }
        #expect(throws: JSONError(.typeMismatch, at: 0)) { try reading("\"1\"") { try $0.readInt64() } }
        #expect(throws: JSONError(.typeMismatch, at: 0)) { try reading("null") { try $0.readDouble() } }
        #expect(throws: JSONError(.unexpectedEnd, at: 0)) { try reading("") { try $0.readDouble() } }
    }

    @Test func nullIsConsumedOnlyWhereItStands() throws {
        try reading("[null, 1]") { reader in
            try reader.beginArray()
            #expect(try reader.nextElement())
            #expect(try reader.readNull())
            #expect(try reader.nextElement())
            #expect(try !reader.readNull())
            #expect(try reader.readInt64() == 1)
            #expect(try !reader.nextElement())
            try reader.finish()
        }
    }

    @Test func aRawValueIsItsBytes() throws {
        try reading("{\"a\": [1, {\"b\" :2}] , \"c\": \"x\"}") { reader in
            try reader.beginObject()
            _ = try reader.nextKey()
            #expect(String(decoding: try reader.readRaw(), as: UTF8.self) == "[1, {\"b\" :2}]")
            _ = try reader.nextKey()
            #expect(String(decoding: try reader.readRaw(), as: UTF8.self) == "\"x\"")
            #expect(try reader.nextKey() == nil)
            try reader.finish()
        }
    }

    @Test func skippingLandsWhereReadingWould() throws {
        let text = "[{\"a\":{\"b\":[1,2,{}]}},[[],[]],\"s\",4]"
        try reading(text) { reader in
            try reader.beginArray()
            for _ in 0..<3 {
                #expect(try reader.nextElement())
                try reader.skipValue()
            }
            #expect(try reader.nextElement())
            #expect(try reader.readInt64() == 4)
            #expect(try !reader.nextElement())
            try reader.finish()
            #expect(reader.offset == text.utf8.count)
        }
    }

    @Test func aValueNotConsumedIsAnErrorNotALoop() {
        #expect(throws: JSONError(.unexpectedByte, at: 5)) {
            try reading("{\"a\":\"b\"}") { reader in
                try reader.beginObject()
                while try reader.nextKey() != nil {}
            }
        }
        #expect(throws: JSONError.self) { try reading("[") { try $0.nextKey() } }
        #expect(throws: JSONError.self) { try reading("]") { try $0.nextElement() } }
    }

    @Test func finishingInsideAContainerIsAnError() {
        #expect(throws: JSONError(.unexpectedEnd, at: 1)) {
            try reading("[") { reader in
                try reader.beginArray()
                try reader.finish()
            }
        }
    }

    @Test func writtenTreesReadBackTheSame() throws {
        var random = SeededRandom(seed: 6)
        for _ in 0..<2000 {
            let tree = JSONTree.random(&random, depth: 4)
            var writer = JSONWriter()
            tree.write(to: &writer)
            let bytes = writer.buffer.bytes
            let back = try reading(bytes) { reader in
                let tree = try JSONTree(&reader)
                try reader.finish()
                return tree
            }
            #expect(back == tree, "\(writer.buffer.text)")
            #expect(fault(in: bytes) == nil)
        }
    }
}
