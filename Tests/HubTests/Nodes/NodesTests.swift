import Grid
import Testing

@testable import Hub

@Suite("Nodes")
struct NodesTests {
    func record(_ number: UInt64, registered: Bool = true) -> NodeRecord {
        var record = NodeRecord(
            id: .test(number), name: "n\(number)", owner: UserID("o"), location: NodeLocation(),
            enrolledAt: Timestamp(milliseconds: 0))
        if registered { record.registeredAt = Timestamp(milliseconds: 1) }
        return record
    }

    func ids(_ nodes: Nodes, limit: Int, after: UInt64? = nil) -> [UInt64] {
        nodes.page(limit: limit, after: after.map { .test($0) }).indices.map { nodes.records[$0].id.uuid.low }
    }

    @Test("Pages are in the order of identifiers, whatever the order of enrolment, and skip the unregistered")
    func pages() {
        var nodes = Nodes([record(30), record(10), record(20, registered: false)])
        nodes.insert(record(25))
        nodes.insert(record(5))
        nodes.insert(record(40, registered: false))
        #expect(ids(nodes, limit: 10) == [5, 10, 25, 30])
        #expect(ids(nodes, limit: 2) == [5, 10])
        #expect(ids(nodes, limit: 2, after: 10) == [25, 30])
        #expect(ids(nodes, limit: 2, after: 11) == [25, 30], "behind a node that is gone or unknown")
        #expect(ids(nodes, limit: 2, after: 30) == [])
        #expect(!nodes.page(limit: 2, after: nil).isLast)
        #expect(nodes.page(limit: 2, after: .test(10)).isLast, "an unregistered node is no further page")
        #expect(nodes.page(limit: 4, after: nil).isLast)
    }

    @Test("An update reaches the facts that filters ask")
    func update() {
        var nodes = Nodes([record(1)])
        var changed = nodes.records[0]
        changed.location.region = "r2"
        nodes.update(0, changed)
        #expect(nodes.states[0].facts.region == "r2" && nodes.states[0].facts.owner == UserID("o"))
        #expect(nodes.registered(.test(1)) == 0 && nodes.index(of: .test(2)) == nil)
    }
}
