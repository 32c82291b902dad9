import Testing

@testable import Web

@Suite("HTTP characters")
struct HTTPCharactersTests {
    @Test("token characters are those of RFC 9110 §5.6.2")
    func tokens() {
        let expected = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(HTTPCharacters.isToken(byte) == expected.contains(byte), "\(byte)")
        }
    }

    @Test("values hold everything visible, blanks and bytes above ASCII")
    func values() {
        for byte in UInt8.min...UInt8.max {
            let expected = byte == 9 || (byte >= 32 && byte != 127)
            #expect(HTTPCharacters.isValue(byte) == expected, "\(byte)")
        }
    }

    @Test("targets hold visible ASCII without quotes, markup and fragments")
    func targets() {
        for byte in UInt8.min...UInt8.max {
            let expected = byte > 32 && byte < 127 && !"\"#<>".utf8.contains(byte)
            #expect(HTTPCharacters.isTarget(byte) == expected, "\(byte)")
        }
    }

    @Test("hexadecimal digits have their value in both cases")
    func hexadecimal() {
        for byte in UInt8.min...UInt8.max {
            let expected = UInt8(String(UnicodeScalar(byte)), radix: 16)
            #expect(HTTPCharacters.hexadecimal(byte) == (byte < 128 ? expected : nil), "\(byte)")
        }
    }

    @Test("letters alone change case")
    func lowering() {
        for byte in UInt8.min...UInt8.max {
            let isCapital = (65...90).contains(byte)
            #expect(HTTPCharacters.lowered(byte) == (isCapital ? byte + 32 : byte), "\(byte)")
        }
        #expect(HTTPCharacters.equalIgnoringCase("Host".utf8, "hOST".utf8))
        #expect(!HTTPCharacters.equalIgnoringCase("Host".utf8, "Hos".utf8))
        #expect(!HTTPCharacters.equalIgnoringCase("a@".utf8, "a`".utf8))
    }

    @Test("a token is not empty")
    func tokenText() {
        #expect(HTTPCharacters.isTokenText("a".utf8))
        #expect(!HTTPCharacters.isTokenText("".utf8))
        #expect(!HTTPCharacters.isTokenText("a b".utf8))
    }
}
