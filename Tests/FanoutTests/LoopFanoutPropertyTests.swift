import Grid
import Reactor
import Testing

@testable import Fanout

/// Random histories against a naive model: what each subscriber gets is what its views matched while it held them.
@Suite("Loop fan-out, random histories")
struct LoopFanoutPropertyTests {
    @Test("whatever readers do, everybody gets exactly what its view matched", arguments: 1...200)
    func history(seed: UInt64) throws {
        var random = Seeded(seed)
        let bench = try FanoutBench()
        defer { bench.close() }
        var expected: [UInt64: [String]] = [:]
        var views: [UInt64: UInt32] = [:]
        var peers: [FanoutBench.Peer] = []
        for step in 0..<400 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<4 where peers.count < 12:
                let peer = try bench.connect(socketBytes: [2048, 4096, 1 << 20].randomElement(using: &random) ?? 4096)
                peers.append(peer)
                expected[peer.session.bits] = []
            case 4..<12:
                guard let peer = peers.randomElement(using: &random) else { continue }
                let view = Bool.random(using: &random) ? UInt32.random(in: 0..<4, using: &random) : nil
                bench.setView(peer, view)
                views[peer.session.bits] = view
            case 12..<35:
                bench.turn()
            case 35..<55:
                peers.randomElement(using: &random)?.read(limit: Int.random(in: 1...3000, using: &random))
            default:
                let matching = (0..<4).filter { _ in Bool.random(using: &random) }.map(UInt32.init)
                let text = "\(step)" + String(repeating: "-", count: Int.random(in: 0..<600, using: &random))
                guard !matching.isEmpty else { continue }
                bench.publish(text, views: matching)
                for (session, view) in views where matching.contains(view) { expected[session]?.append(text) }
            }
        }
        bench.settle()
        for peer in peers {
            #expect(peer.texts == expected[peer.session.bits], "session \(peer.session.bits) of seed \(seed)")
            #expect(peer.unparsed.isEmpty)
        }
        #expect(bench.fanout.statistics.deliveries == UInt64(peers.reduce(0) { $0 + $1.texts.count }), "seed \(seed)")
        #expect(bench.fanout.summary(now: bench.loop.now).laggards == 0)
    }
}
