import Grid
import Testing

@testable import Hub

@Suite("Sample stream")
struct SampleStreamTests {
    @Test("Numbers rise by one; holes are measured; what came before is a double")
    func numbering() {
        var stream = SampleStream()
        stream.resume(UUID128(high: 0, low: 1))
        #expect(stream.accept(1) == .next)
        #expect(stream.accept(2) == .next)
        #expect(stream.accept(2) == .duplicate)
        #expect(stream.accept(6) == .gap(missing: 3))
        #expect(stream.accept(4) == .duplicate)
        #expect(stream.accept(0) == .duplicate)
        #expect(stream.last == 6)
    }

    @Test("Another stream begins anew, the same one goes on")
    func resume() {
        var stream = SampleStream()
        stream.resume(UUID128(high: 0, low: 1))
        _ = stream.accept(9)
        stream.resume(UUID128(high: 0, low: 1))
        #expect(stream.last == 9)
        stream.resume(UUID128(high: 0, low: 2))
        #expect(stream.last == 0)
    }

    @Test("Received and missing numbers add up to the last one, whatever is lost, doubled or swapped")
    func accounting() {
        var dice = Dice(4)
        for _ in 0..<50 {
            var stream = SampleStream()
            var received: UInt64 = 0
            var missing: UInt64 = 0
            for sequence in UInt64(1)...200 where Int.random(in: 0..<10, using: &dice) > 2 {
                let sent = Int.random(in: 0..<10, using: &dice) == 0 ? sequence / 2 : sequence
                switch stream.accept(sent) {
                case .next: received += 1
                case .gap(let hole):
                    received += 1
                    missing += hole
                case .duplicate: break
                }
                #expect(received + missing == stream.last)
            }
        }
    }
}
