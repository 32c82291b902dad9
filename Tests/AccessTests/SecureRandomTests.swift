import Access
import Grid
import Testing

@Suite struct SecureRandomTests {
    @Test func bytesComeInTheNumberAskedFor() {
        for count in [0, 1, 31, 32, 4096] { #expect(SecureRandom.bytes(count).count == count) }
    }

    @Test func noTwoDrawsAreAlike() {
        #expect(Set((0..<1000).map { _ in SecureRandom.bytes(16) }).count == 1000)
        #expect(Set((0..<1000).map { _ in SecureRandom.uint64() }).count == 1000)
        #expect(Set((0..<1000).map { _ in SecureRandom.uuid() }).count == 1000)
    }

    @Test func everyBitOfAWordVaries() {
        var ones: UInt64 = 0
        var zeros: UInt64 = 0
        for _ in 0..<200 {
            let word = SecureRandom.uint64()
            ones |= word
            zeros |= ~word
        }
        #expect(ones == .max && zeros == .max)
    }

    @Test func identifiersAreVersionFour() {
        let text = [Character](SecureRandom.uuid().description)
        #expect(text[14] == "4")
        #expect("89ab".contains(text[19]))
    }
}
