import Grid
import Testing

@testable import Hub

@Suite("Topology")
struct TopologyTests {
    static let router = UUID128(high: 7, low: 7).description

    func changes(_ effects: [Effect]) -> [TopologyChange] {
        effects.events.compactMap { if case .topologyChanged(let change) = $0 { change } else { nil } }
    }

    func devices(_ scene: inout Scene, limit: Int = 100, after: NodeID? = nil) -> (devices: [TopologyDevice], NodeID?) {
        guard
            case .answer(_, .topology(let devices, let next))? =
                scene.apply(.query(.test(1), .topology(limit: limit, after: after))).first
        else { return ([], nil) }
        return (devices, next)
    }

    @Test("Nodes come, lose their link, get it back and go")
    func changes() throws {
        var scene = Scene.watched()
        scene.enrol(.test(2), token: 2)
        let added = try #require(changes(scene.prove(2, .test(2), token: 2, key: 2)).first)
        #expect(added.kind == .deviceAdded)
        #expect(
            added.devices == [
                TopologyDevice(
                    id: NodeID.test(2).description, kind: .endpoint, name: "node", connections: [Self.router])
            ])
        scene.send(2, 1)
        let lost = try #require(changes(scene.run(milliseconds: 11_000)).last)
        #expect(lost.kind == .linkChange && lost.devices.map(\.connections) == [[]])
        let back = try #require(changes(scene.send(2, 2)).first)
        #expect(back.kind == .linkChange && back.devices.map(\.connections) == [[Self.router]])
        let gone = try #require(changes(scene.apply(.agentGone(SessionID(bits: 2), goodbye: true))).first)
        #expect(gone.kind == .deviceRemoved && gone.devices.map(\.id) == [NodeID.test(2).description])
        #expect(devices(&scene).devices.map(\.id) == [Self.router, NodeID.test(1).description])
        let again = changes(scene.prove(3, .test(2), key: 2))
        #expect(again.map(\.kind) == [.deviceAdded])
    }

    @Test("A coordinator's restart is no change for nodes that come back in time")
    func restart() {
        let first = Scene.watched()
        var scene = Scene(StoredState(nodes: first.hub.nodes.records, coordinatorID: UUID128(high: 7, low: 7)))
        scene.open(50, user: "boss", .admin)
        scene.join(50, .base(.topology))
        #expect(devices(&scene).devices.map(\.connections) == [[NodeID.test(1).description], [Self.router]])
        #expect(changes(scene.prove(1, .test(1))).isEmpty)
    }

    @Test("The coordinator is the router of each page's nodes")
    func pages() {
        var scene = Scene()
        for number in 1...3 as ClosedRange<UInt64> { scene.admit(.test(number), session: number, token: UInt8(number)) }
        let (first, next) = devices(&scene, limit: 2)
        #expect(first.map(\.kind) == [.router, .endpoint, .endpoint])
        #expect(first[0].connections == [NodeID.test(1).description, NodeID.test(2).description])
        #expect(next == .test(2))
        let (second, last) = devices(&scene, limit: 2, after: next)
        #expect(second.map(\.id) == [Self.router, NodeID.test(3).description] && last == nil)
    }
}
