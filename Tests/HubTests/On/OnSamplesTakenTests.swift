import Grid
import Testing

@testable import Hub

@Suite("Samples")
struct OnSamplesTakenTests {
    let node = NodeID.test(5)

    func alive(_ configuration: HubConfiguration = HubConfiguration()) -> Scene {
        var scene = Scene(configuration: configuration)
        scene.admit(node, session: 1, token: 1)
        return scene
    }

    // MARK: Acknowledgements

    @Test("The first sample is acknowledged at once, the next ones together when the second is over")
    func cadence() {
        var scene = alive()
        #expect(scene.send(1, 1).acks == [1])
        for sequence in UInt64(2)...4 {
            scene.wait(milliseconds: 200)
            #expect(scene.send(1, sequence).acks.isEmpty)
        }
        #expect(scene.run(milliseconds: 399).acks.isEmpty)
        #expect(scene.run(milliseconds: 1).acks == [4])
        #expect(scene.run(milliseconds: 5000).acks.isEmpty, "nothing waits")
    }

    @Test("Samples of a second each are acknowledged one by one, without waking the Hub")
    func slow() {
        var scene = alive()
        for sequence in UInt64(1)...5 {
            #expect(scene.send(1, sequence).acks == [sequence])
            scene.wait(milliseconds: 1000)
        }
    }

    @Test("Subscribers are told when a sample came in, by the wall clock, also when the Hub was late")
    func hops() throws {
        var scene = alive()
        scene.open(7)
        scene.join(7, .base(.nodes))
        let received = scene.now.monotonicNanoseconds + 1_000_000
        scene.wait(milliseconds: 251)
        let sample = scene.sample(1)
        let effects = scene.apply(
            .samplesTaken([
                SampleArrival(session: SessionID(bits: 1), sample: sample, receivedNanoseconds: received)
            ]))
        let hops = try #require(
            effects.compactMap { effect -> SampleHops? in
                guard case .publish(let publication) = effect, case .nodeMetrics(let event) = publication.event.event
                else { return nil }
                return event.hops
            }.first)
        #expect(hops.receivedNanoseconds == received)
        #expect(hops.publishedMicroseconds == scene.now.wallMicroseconds)
        #expect(hops.receivedMicroseconds == scene.now.wallMicroseconds - 250_000)
    }

    @Test("What is known of the nodes' health is counted")
    func healthCounts() {
        var scene = alive()
        scene.admit(.test(6), session: 2, token: 2)
        scene.send(1, 1)
        #expect(scene.hub.counts.healthyNodes == 1 && scene.hub.counts.unratedNodes == 1)
        scene.send(2, 1) { $0.gpus = [] }
        let counts = scene.hub.counts
        #expect(counts.healthyNodes + counts.degradedNodes + counts.unratedNodes == counts.registeredNodes)
        #expect(counts.degradedNodes == 1 || counts.unratedNodes == 1)
        scene.run(milliseconds: 30_000)
        #expect(scene.hub.counts.unratedNodes == 2)
    }

    @Test("A batch is acknowledged once, by its last number, each agent apart")
    func batch() {
        var scene = alive()
        scene.admit(.test(6), session: 2, token: 2)
        let arrivals = [(1, 1), (2, 1), (1, 2), (1, 3), (2, 2)].map { session, sequence in
            SampleArrival(session: SessionID(bits: UInt64(session)), sample: scene.sample(UInt64(sequence)))
        }
        let effects = scene.apply(.samplesTaken(arrivals))
        #expect(effects.acks == [3, 2])
        #expect(scene.hub.unacknowledged.isEmpty)
    }

    @Test("Never more than one acknowledgement a second and agent, and the last one always comes")
    func property() {
        var dice = Dice(11)
        var scene = alive()
        var sequence: UInt64 = 0
        var last: UInt64 = 0
        var acknowledged: UInt64 = 0
        func check(_ effects: [Effect], _ at: UInt64) {
            for ack in effects.acks {
                #expect(last == 0 || at - last >= 1_000_000_000)
                #expect(ack >= acknowledged)
                last = at
                acknowledged = ack
            }
        }
        for _ in 0..<2000 {
            scene.run(milliseconds: Int64.random(in: 0..<700, using: &dice))
            // Acknowledgements of `run` come at deadlines within it; `now` is at or behind them.
            for ack in scene.effects.acks {
                #expect(ack >= acknowledged)
                acknowledged = ack
                last = 0
            }
            sequence += 1
            check(scene.send(1, sequence), scene.now.monotonicNanoseconds)
        }
        scene.run(milliseconds: 1000)
        #expect(max(acknowledged, scene.effects.acks.last ?? 0) == sequence)
    }

    @Test("A pending acknowledgement dies with its session; the welcome tells what was received")
    func reconnect() {
        var scene = alive()
        scene.send(1, 1)
        scene.send(1, 2)
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: false))
        #expect(scene.run(milliseconds: 2000).acks.isEmpty)
        #expect(scene.prove(2, node).welcomes.first?.acked == 2)
    }

    @Test("What waits for a fenced session is not acknowledged to the one that replaced it")
    func fenced() {
        var scene = alive()
        scene.send(1, 1)
        scene.send(1, 2)
        scene.prove(2, node, stream: 2)
        #expect(scene.run(milliseconds: 2000).acks.isEmpty)
        #expect(scene.send(2, 1).acks == [1])
    }

    @Test("An agent that sends too much is advised, one that catches up after a pause is not")
    func advice() {
        var scene = alive()
        func advised(_ effects: [Effect]) -> Bool {
            effects.contains { if case .agentAdvice(_, 1000) = $0 { true } else { false } }
        }
        scene.send(1, 1)
        var sequence: UInt64 = 1
        var isAdvised = false
        for _ in 0..<100 {
            scene.wait(milliseconds: 10)
            sequence += 1
            isAdvised = advised(scene.send(1, sequence)) || isAdvised
        }
        isAdvised = advised(scene.run(milliseconds: 10)) || isAdvised
        #expect(isAdvised)

        scene.run(milliseconds: 9000)
        for _ in 0..<60 {
            sequence += 1
            #expect(!advised(scene.send(1, sequence)))
        }
    }

    // MARK: Numbering

    @Test("Gaps and doubles are counted, doubles acknowledged and otherwise ignored")
    func numbering() {
        var scene = alive()
        scene.open(7)
        scene.join(7, .base(.nodes))
        scene.send(1, 1)
        scene.send(1, 5)
        #expect(scene.send(1, 5).metrics.isEmpty)
        #expect(scene.send(1, 3).metrics.isEmpty)
        #expect(scene.send(1, 0).metrics.isEmpty)
        scene.send(1, 7)
        let gaps = scene.summary(node)?.gaps
        #expect(gaps?.receivedSamples == 3 && gaps?.gapCount == 2 && gaps?.missingSamples == 4)
        #expect(gaps?.duplicateSamples == 3 && gaps?.lastGapAt == scene.now.wall)
        #expect(scene.run(milliseconds: 1000).acks == [7])
        scene.wait(milliseconds: 1000)
        #expect(scene.send(1, 2).acks == [7], "a double alone is acknowledged too")
    }

    @Test("Numbers at the end of their range trap nothing")
    func extremes() {
        var scene = alive()
        scene.send(1, .max)
        scene.prove(2, node, stream: 2)
        scene.send(2, .max) { $0.takenAt = Timestamp(milliseconds: .min) }
        scene.send(2, .max) { $0.takenAt = Timestamp(milliseconds: .max) }
        let gaps = scene.summary(node)?.gaps
        #expect(gaps?.missingSamples == .max && gaps?.gapCount == 2)
    }

    @Test("A session that speaks for no node is refused")
    func strangers() {
        var scene = alive()
        #expect(scene.send(9, 1).refusals == [.outOfOrder])
    }

    // MARK: What is told

    @Test("A current sample is told with its health to those who look, and takes no offset where nobody does")
    func metrics() {
        var scene = alive()
        #expect(scene.send(1, 1).publications.isEmpty)
        let end = scene.hub.rooms.log(.nodes).end
        scene.open(7)
        #expect(scene.join(7, .base(.nodes)).joined.first?.position == end)
        let effects = scene.send(1, 2)
        #expect(effects.publications.map(\.event.position.offset) == [end.offset + 1])
        #expect(effects.metrics.first?.sample.sequence == 2 && effects.metrics.first?.gpus.count == 1)
        #expect(effects.metrics.first?.health == Health(score: 100, coveragePercent: 100, reasons: []))
    }

    @Test("A late sample is received and acknowledged, and neither told nor current")
    func late() {
        var scene = alive()
        scene.open(7)
        scene.join(7, .base(.nodes))
        scene.send(1, 1)
        scene.wait(milliseconds: 1000)
        let effects = scene.send(1, 2) { $0.takenAt = $0.takenAt.adding(milliseconds: -10_001) }
        #expect(effects.metrics.isEmpty && effects.acks == [2])
        let summary = scene.summary(node)
        #expect(summary?.latestSample?.sequence == 1)
        #expect(summary?.gaps.lateSamples == 1 && summary?.gaps.receivedSamples == 2)
    }

    @Test("The slow detail outlives the samples without it")
    func detail() {
        var scene = alive()
        scene.send(1, 1) {
            var detail = HostDetail()
            detail.corePercents = [1, 2]
            $0.detail = detail
        }
        scene.send(1, 2)
        #expect(scene.summary(node)?.latestSample?.detail == nil)
        #expect(scene.summary(node)?.latestDetail?.corePercents == [1, 2])
    }

    @Test("An agent that lives but sends nothing is not healthy")
    func silentCollector() {
        var scene = alive()
        scene.send(1, 1)
        for _ in 0..<4 {
            scene.run(milliseconds: 3000)
            scene.apply(.agentHeard(SessionID(bits: 1)))
        }
        let health = scene.summary(node)?.health
        #expect(health?.score == nil && health?.reasons.map(\.code) == ["samples_missing"])
    }
}
