import Access
import Bytes
import Foundation
import Grid
import Hub
import Reactor
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("Agent session: tasks", .timeLimit(.minutes(1)))
struct AgentSessionTests {
    private static let upgrade =
        "GET /agent HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: \(AgentCodec.subprotocol)\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    private static let node = NodeID(UUID128(high: 5, low: 6))
    private static let run = RunID(task: TaskID(UUID128(high: 7, low: 8)), epoch: 3, member: 0)

    /// An edge with one agent, whose Hub is the test.
    private final class Link {
        let bench: EdgeBench
        let client: RawClient
        private(set) var session = SessionID(bits: 0)
        private let key = Ed25519KeyPair.generate()

        init() throws {
            bench = try EdgeBench()
            client = try bench.client()
            client.say(AgentSessionTests.upgrade)
            bench.turn(until: { [bench] in bench.edge.counters.upgrades[.agent] == 1 })
            say(
                .hello(
                    AgentHello(
                        node: AgentSessionTests.node, publicKey: key.publicKey, stream: UUID128(high: 1, low: 1),
                        specifications: NodeSpecifications(), agentVersion: "t")))
            bench.turn(until: { [bench] in !bench.taken.isEmpty })
            guard case .agentHello(let session, _) = bench.taken[0] else {
                Issue.record("no hello")
                return
            }
            self.session = session
        }

        /// Goes through the rest of the handshake.
        func establish() throws {
            bench.edge.receive(.effect(.agentChallenge(session, node: AgentSessionTests.node)))
            guard case .challenge(let challenge) = try next("challenge") else { return }
            let signed = AgentProof.signedBytes(
                coordinatorID: challenge.coordinatorID, nonce: challenge.nonce, node: challenge.node)
            say(.proof(AgentProof(signature: key.sign(signed))))
            bench.turn(until: { [bench] in bench.taken.count == 2 })
            bench.edge.receive(
                .effect(
                    .agentWelcome(
                        session,
                        .init(
                            node: AgentSessionTests.node, session: UUID128(high: 2, low: 2), epoch: 1,
                            intervalMilliseconds: 1000, acked: 0))))
            _ = try next("welcome")
        }

        func say(_ message: AgentMessage) {
            var buffer = ByteBuffer()
            AgentCodec.encode(message, into: &buffer)
            client.sayMessage(buffer.text)
        }

        /// The next message of that type.
        func next(_ type: String) throws -> CoordinatorMessage {
            bench.turn(until: { client.hasInput })
            let heard = client.hear { $0.contains("{\"type\":\"\(type)\"") && $0.hasSuffix("}") }
            let start = try #require(heard.range(of: "{\"type\":\"\(type)\"")).lowerBound
            var text = String(heard[start...])
            return try text.withUTF8 { try AgentCodec.decodeCoordinatorMessage(UnsafeRawBufferPointer($0)) }
        }

        /// What the Hub was told about runs.
        var told: [String] {
            bench.taken.compactMap { event in
                switch event {
                case .taskReported(let from, let report): "\(from == session) \(report.run) \(report.body)"
                case .runsHeld(let from, let runs): "\(from == session) \(runs)"
                default: nil
                }
            }
        }
    }

    private func progress(_ sequence: UInt64) -> TaskReport {
        TaskReport(run: Self.run, body: .progress(ProgressReport(sequence: sequence, percent: 5)))
    }

    private func log(_ bytes: Int, at offset: UInt64) -> TaskReport {
        let chunk = LogChunk(stream: .stdout, offset: offset, text: String(repeating: "x", count: bytes))
        return TaskReport(run: Self.run, body: .log(chunk))
    }

    @Test("the Hub hears of runs and reports in the order in which the agent spoke of them")
    func reports() throws {
        let link = try Link()
        defer { link.bench.close() }
        try link.establish()
        let holding = RunHolding(run: Self.run, hasEnded: false)
        let reports = [TaskReport(run: Self.run, body: .started), progress(1), log(10, at: 0), progress(2)]
        var outcome = RunOutcome()
        outcome.output = "[1]"
        let ended = TaskReport(run: Self.run, body: .ended(outcome))
        link.say(.runs([holding]))
        for report in reports + [ended] { link.say(.report(report)) }
        link.bench.turn(until: { link.told.count == 6 })
        #expect(link.told == ["true \([holding])"] + (reports + [ended]).map { "true \($0.run) \($0.body)" })
    }

    @Test("what is said of tasks before the welcome is out of order, and the Hub never hears of it")
    func outOfOrder() throws {
        let link = try Link()
        defer { link.bench.close() }
        for message: AgentMessage in [.runs([]), .report(progress(1))] {
            link.say(message)
            guard case .refused(let code, _) = try link.next("refused") else { continue }
            #expect(code == Refusal.Code.outOfOrder.rawValue)
        }
        #expect(link.told.isEmpty)
    }

    @Test("orders go to the agent as messages")
    func orders() throws {
        let link = try Link()
        defer { link.bench.close() }
        try link.establish()
        for (type, order) in [
            ("cancel", .cancel(Self.run)), ("stop", .stop(Self.run, .nodeLost)),
            ("settled", .settled(Self.run, counted: true)),
        ] as [(String, TaskOrder)] {
            link.bench.edge.receive(.effect(.agentTask(link.session, order)))
            #expect(try link.next(type) == .order(order))
        }
    }

    @Test("a fenced session's words count for nothing")
    func fenced() throws {
        let link = try Link()
        defer { link.bench.close() }
        try link.establish()
        link.bench.edge.receive(.effect(.agentFenced(link.session)))
        link.say(.report(progress(1)))
        for _ in 0..<20 { link.bench.edge.loop.runOnce(timeoutMilliseconds: 1) }
        #expect(link.told.isEmpty)
    }

    @Test("a flood of logs is cut, counted, and keeps no result back")
    func logBudget() throws {
        let link = try Link()
        defer { link.bench.close() }
        try link.establish()
        let chunk = Limits.logChunkBytes
        // Half as much again as may come at once, well faster than the rate.
        let count = LogBudget.burstBytes / chunk * 3 / 2
        for number in 0..<count {
            link.say(.report(log(chunk, at: UInt64(number * chunk))))
            if number % 8 == 7 { link.bench.edge.loop.runOnce(timeoutMilliseconds: 0) }
        }
        link.say(.report(TaskReport(run: Self.run, body: .ended(RunOutcome()))))
        link.bench.turn(until: { link.told.last?.contains("ended") == true })
        let dropped = Int(link.bench.edge.counters.violations[.logRate])
        #expect(link.told.count - 1 + dropped == count)
        #expect(link.told.count - 1 >= LogBudget.burstBytes / chunk)
    }
}
