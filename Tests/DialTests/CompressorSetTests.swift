import Testing
import Web

@testable import Dial

struct CompressorSetTests {
    @Test func thereIsOneForEachWindow() {
        let set = CompressorSet()
        for bits in 9...15 {
            #expect(set.compressor(windowBits: bits)?.windowBits == bits)
            #expect(set.compressor(windowBits: bits) === set.compressor(windowBits: bits))
        }
        #expect(set.compressor(windowBits: 9) !== set.compressor(windowBits: 10))
    }

    @Test func thereIsNoneForAWindowThatZlibDoesNotKeepTo() {
        #expect(CompressorSet().compressor(windowBits: 8) == nil)
    }
}
