import Grid
import Testing

@testable import Hub

@Suite("The log's room")
struct OnLinesLoggedTests {
    static func subscriber(_ user: String, _ permissions: Permissions) -> Subscriber {
        Subscriber(
            user: UserID(user), permissions: permissions,
            client: ClientFacts(connection: UUID128(high: 3, low: 3), dialect: "native", address: "192.0.2.1"))
    }

    func connections(_ effects: [Effect]) -> [Bool] {
        effects.events.compactMap { if case .connectionChanged(let change) = $0 { change.isOpen } else { nil } }
    }

    @Test("Lines reach those who look, and take no offset while nobody does")
    func lines() {
        var scene = Scene()
        let line = LogLine(level: .info, message: "listening", at: scene.now.wall)
        #expect(!scene.hub.isLogViewed)
        #expect(scene.apply(.linesLogged([line])).isEmpty && scene.hub.rooms.log(.logs).lastOffset == 0)
        scene.open(50, user: "boss", .admin)
        scene.join(50, .base(.logs))
        #expect(scene.hub.isLogViewed)
        #expect(scene.apply(.linesLogged([line, line])).events == [.lineLogged(line), .lineLogged(line)])
    }

    @Test("Connections are told of while somebody looks; who authenticates anew has not come again")
    func connections() {
        var scene = Scene()
        let opened = HubEvent.sessionOpened(SessionID(bits: 7), Self.subscriber("ana", .nodeRead))
        #expect(scene.apply(opened).isEmpty)
        #expect(scene.apply(.sessionClosed(SessionID(bits: 7))).isEmpty)
        scene.open(50, user: "boss", .admin)
        scene.join(50, .topics(.connections, of: .logs))
        let effects = scene.apply(opened)
        #expect(connections(effects) == [true])
        #expect(effects.publications.first?.event.facts.owner == UserID("ana"))
        #expect(connections(scene.apply(opened)).isEmpty)
        let gone = scene.apply(.sessionClosed(SessionID(bits: 7), because: .drain))
        #expect(connections(gone) == [false])
        #expect(
            gone.events.contains {
                if case .connectionChanged(let change) = $0 { change.reason == .drain } else { false }
            })
        #expect(connections(scene.apply(.sessionClosed(SessionID(bits: 7)))).isEmpty)
        #expect(scene.apply(.linesLogged([LogLine(level: .info, message: "m", at: scene.now.wall)])).isEmpty)
    }

    @Test("What was done is told to administrators, and to whom it concerns")
    func actions() {
        var scene = Scene()
        scene.admit(.test(1), session: 1, token: 1)
        scene.open(50, user: "boss", .admin)
        scene.open(51, user: "ana", .taskSubmit)
        scene.open(52, user: "ben", .taskSubmit)
        for session in [50, 51, 52] as [UInt64] { scene.join(session, .topics(.actions, of: .logs)) }
        let drained = scene.apply(.nodeDrainRequested(.test(1), .test(1), drains: true, by: UserID("ana")))
        let told = drained.publications.first { $0.event.event.room == .logs }
        guard case .actionExecuted(let action)? = told?.event.event else {
            return #expect(Bool(false), "nobody was told")
        }
        #expect(action.kind == .nodeDrained && action.node == .test(1) && told?.views.count == 2)
        let repeated = scene.apply(.nodeDrainRequested(.test(1), .test(1), drains: true, by: UserID("ana")))
        #expect(!repeated.events.contains { if case .actionExecuted = $0 { true } else { false } })
        // What an agent does is nobody's action.
        let fenced = scene.prove(2, .test(1))
        #expect(!fenced.audits.isEmpty && !fenced.events.contains { $0.topic == .actions })
    }
}
