import Access
import Grid
import Hub
import Reactor
import Service
import Testing

@testable import neurogrid_coordinator

/// An edge on a loop that the test turns, with a Hub that only counts.
final class EdgeBench {
    let edge: Edge
    let token: String
    private let signer: JWTSigner
    private let loop: EventLoop
    private var port: UInt16 = 0
    private(set) var taken: [HubEvent] = []
    var hasRoom = true
    static let tokenID = "7f3a"

    init(_ change: (inout CoordinatorConfiguration) -> Void = { _ in }) throws {
        let settings = try Settings(schema: CoordinatorSettings.schema)
        var configuration = try CoordinatorSettings.configuration(settings)
        configuration.limits.connectionsPerIPPerMinute = 0
        change(&configuration)
        let secret = try SigningSecret(bytes: Array(repeating: 7, count: 32))
        signer = JWTSigner(secret: secret)
        let now = HubDesk.now().wall
        token = signer.mint(
            TokenClaims(
                subject: UserID("u"), permissions: [.nodeRead], expiresAt: now.adding(milliseconds: 3_600_000),
                issuedAt: now.adding(milliseconds: -1000), tokenID: Self.tokenID))
        let shared = EdgeShared(
            configuration: configuration, coordinatorID: UUID128(high: 1, low: 1), bootID: 1,
            verifier: try JWTVerifier(configuration: JWTConfiguration(keys: [JWTKey(secret: secret)])),
            revocations: Revocations(), signer: signer,
            log: CoordinatorLog(
                log: Log(program: "test", level: .error, format: .text, destination: .automatic(format: .text))),
            readiness: Readiness(),
            crossings: Crossings(hub: try Mailbox(capacity: 16), loops: [try Mailbox(capacity: 16)]), tls: nil)
        shared.readiness.set(true)
        loop = try EventLoop()
        var handOver: ([HubEvent]) -> Bool = { _ in false }
        edge = Edge(index: 0, loop: loop, shared: shared) { handOver($0) }
        handOver = { [unowned self] events in
            guard hasRoom else { return false }
            taken += events
            return true
        }
        let bound = try edge.listen(on: try #require(SocketAddress.parse("127.0.0.1:0")), reusePort: false)
        port = try #require(UInt16("\(bound)".split(separator: ":").last ?? ""))
    }

    func client() throws -> RawClient { try RawClient(port: port) }

    /// A further token.
    func sign(_ user: String, _ permissions: Permissions, milliseconds: Int64 = 3_600_000) -> String {
        signer.mint(
            TokenClaims(
                subject: UserID(user), permissions: permissions,
                expiresAt: HubDesk.now().wall.adding(milliseconds: milliseconds)))
    }

    /// What becomes of a request: an event for the Hub, or an answer of the edge's own.
    func request(
        _ line: String, token: String? = nil, headers: String = "", body: String = ""
    ) throws -> Exchange {
        let client = try client()
        let bearer = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        client.say(
            "\(line) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(bearer)\(headers)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let (events, answers) = (taken.count, responseCount)
        turn(until: { taken.count > events || responseCount > answers })
        if taken.count > events { return Exchange(client: client, event: taken.last, answer: "") }
        return Exchange(client: client, event: nil, answer: client.hear { _ in false })
    }

    private var responseCount: UInt64 { edge.counters.responses.reduce(0, +) }

    /// Has the Hub answer, and hears what comes of it.
    func answer(_ request: RequestID, _ answer: Answer, to client: RawClient) -> String {
        let before = responseCount
        edge.receive(.effect(.answer(request, answer)))
        // What was answered outside a turn goes out at the end of the next one.
        loop.runOnce(timeoutMilliseconds: 0)
        turn(until: { responseCount > before })
        return client.hear { _ in false }
    }

    /// Turns until something holds; the suite's time limit ends what never does.
    func turn(until holds: () -> Bool) {
        while !holds() { loop.runOnce(timeoutMilliseconds: 10) }
    }

    func close() {
        edge.close()
        loop.close()
    }
}

/// A request under way: with the Hub, or answered.
struct Exchange {
    let client: RawClient
    let event: HubEvent?
    /// What the edge answered by itself; empty where the Hub is to answer.
    let answer: String

    /// What the Hub is asked.
    var query: Query? {
        guard case .query(_, let query)? = event else { return nil }
        return query
    }

    /// Which request the Hub is to answer, of those that the tests make.
    var requestID: RequestID? {
        switch event {
        case .query(let request, _), .tasksSubmitted(let request, _), .taskCancelRequested(let request, _, _),
            .nodeQuarantineRequested(let request, _, _, _, _), .nodeDrainRequested(let request, _, _, _),
            .alertRequested(let request, _), .alertStepRequested(let request, _, _, _),
            .predictionRequested(let request, _):
            request
        default: nil
        }
    }
}
