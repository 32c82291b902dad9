import Testing

@testable import Hub

@Suite("Entropy")
struct EntropyTests {
    @Test("The generator is SplitMix64: its published first numbers for seed 1234567")
    func reference() {
        var entropy = Entropy(seed: 1_234_567)
        #expect(entropy.next() == 6_457_827_717_110_365_317)
        #expect(entropy.next() == 3_203_168_211_198_807_973)
    }

    @Test("Epochs fit 52 bits, are never 0 and differ")
    func epochs() {
        var entropy = Entropy(seed: 0)
        var seen: Set<UInt64> = []
        for _ in 0..<1000 {
            let epoch = entropy.nextEpoch()
            #expect(epoch > 0 && epoch < 1 << 52)
            seen.insert(epoch)
        }
        #expect(seen.count == 1000)
    }
}
