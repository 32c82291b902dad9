import Bytes
import Testing

@Suite struct HexadecimalTests {
    @Test func everyByteGoesThereAndBack() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Hexadecimal.encode(bytes)
        #expect(text.hasPrefix("000102"))
        #expect(text.hasSuffix("fdfeff"))
        #expect(Hexadecimal.decode(text) == bytes)
        #expect(Hexadecimal.decode(text.uppercased()) == bytes)
    }

    @Test(arguments: ["0", "0g", "g0", "0x", " 00", "é"])
    func whatIsNotHexadecimalIsRefused(_ text: String) {
        #expect(Hexadecimal.decode(text) == nil)
    }

    @Test func nothingIsNothing() {
        #expect(Hexadecimal.encode([]) == "")
        #expect(Hexadecimal.decode("") == [])
    }
}
