import Grid
import Testing

@testable import Store

@Suite struct ArchiveNodesTests {
    let scratch = ScratchDirectory()

    private func roundTrip(_ node: NodeRecord) throws -> NodeRecord? {
        let archive = try scratch.archive()
        defer { archive.close() }
        try archive.append([.node(node)])
        return try archive.load().nodes.first
    }

    @Test func everyFieldComesBack() throws {
        let node = Sample.completeNode(1)
        #expect(try roundTrip(node) == node)
    }

    @Test func absentFieldsStayAbsent() throws {
        let node = Sample.enrolledNode(1)
        #expect(try roundTrip(node) == node)
    }

    @Test func emptySpecificationsAreNotAbsentOnes() throws {
        var node = Sample.enrolledNode(1)
        node.specifications = NodeSpecifications()
        #expect(try roundTrip(node) == node)
    }

    @Test func aBareGPUComesBack() throws {
        var node = Sample.enrolledNode(1)
        var specifications = NodeSpecifications()
        specifications.gpus = [GPUDescription(index: 3, uuid: "", name: "", pciBusID: "")]
        node.specifications = specifications
        #expect(try roundTrip(node) == node)
    }

    @Test func aNodeIsReplacedWhole() throws {
        let archive = try scratch.archive()
        try archive.append([.node(Sample.completeNode(1)), .node(Sample.completeNode(2))])
        var changed = Sample.completeNode(1, gpus: 2)
        changed.publicKey = nil
        changed.name = "renamed"
        changed.owner = UserID("another")
        changed.specifications?.gpus.reverse()
        try archive.append([.node(changed)])
        let nodes = try archive.load().nodes
        #expect(nodes.contains(changed))
        #expect(nodes.contains(Sample.completeNode(2)))
        #expect(nodes.count == 2)
        try archive.append([.node(Sample.enrolledNode(1))])
        #expect(try archive.load().nodes.contains(Sample.enrolledNode(1)))
        archive.close()
    }

    @Test func twoNodesMayHaveTheSameKey() throws {
        // Who may use a key is the Hub's business; a constraint here would let an agent stop the store.
        let archive = try scratch.archive()
        var second = Sample.completeNode(2)
        second.publicKey = Sample.completeNode(1).publicKey
        try archive.append([.node(Sample.completeNode(1)), .node(second)])
        #expect(try archive.load().nodes.count == 2)
        archive.close()
    }

    @Test func theOwnerBecomesAKnownUserOnce() throws {
        let archive = try scratch.archive()
        let known = UserRecord(id: UserID("owner-1"), createdAt: Sample.time(-100))
        try archive.append([.user(known), .node(Sample.enrolledNode(1)), .node(Sample.enrolledNode(2))])
        #expect(
            try archive.load().users == [
                known, UserRecord(id: UserID("owner-2"), createdAt: Sample.enrolledNode(2).enrolledAt),
            ])
        archive.close()
    }

    @Test(arguments: [
        "UPDATE node SET name = 'x'", "UPDATE node SET owner = 'eve'", "UPDATE node SET region = ''",
        "UPDATE node SET price_per_hour_micros = NULL", "UPDATE node SET price_per_hour_micros = 1",
        "UPDATE node SET session_epoch = session_epoch - 1", "UPDATE node SET registered_at = NULL",
        "UPDATE node SET has_specifications = 0", "UPDATE node SET cpu_cores = 4", "UPDATE node SET kernel = NULL",
        "UPDATE node SET checksum = 0", "UPDATE node_key SET public_key = zeroblob(32)", "DELETE FROM node_key",
        "DELETE FROM node_gpu WHERE place = 7", "UPDATE node_gpu SET name = 'RTX' WHERE place = 3",
        "UPDATE node_gpu SET slowdown_celsius = NULL WHERE place = 3", "UPDATE node_gpu SET place = 9 WHERE place = 0",
        "DELETE FROM node", "UPDATE node SET id = replace(id, '0', '1')", "DELETE FROM node; DELETE FROM node_gpu",
    ])
    func aNodeThatWasTamperedWithIsNotServed(_ tampering: String) throws {
        let archive = try scratch.archive()
        try archive.append([.node(Sample.completeNode(1))])
        try archive.database.execute("PRAGMA foreign_keys = OFF")
        try archive.database.execute(tampering)
        do throws(StoreError) {
            _ = try archive.load()
            Issue.record("served: \(tampering)")
        } catch { #expect(error.kind == .corrupt) }
        archive.close()
    }
}
