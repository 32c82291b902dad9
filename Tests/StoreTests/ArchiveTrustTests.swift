import Grid
import Testing

@testable import Store

@Suite struct ArchiveTrustTests {
    let scratch = ScratchDirectory()

    private func archive() throws -> Archive {
        let archive = try scratch.archive()
        try archive.append([.node(Sample.enrolledNode(1)), .node(Sample.enrolledNode(2))])
        return archive
    }

    @Test func theNewestWordCounts() throws {
        let archive = try archive()
        try archive.append([.trust(Sample.trust(1)), .trust(NodeTrust(node: Sample.nodeID(2)))])
        #expect(try archive.load().trust == [Sample.trust(1), NodeTrust(node: Sample.nodeID(2))])
        for quarantine in NodeTrust.Quarantine.allCases {
            var changed = Sample.trust(2)
            changed.quarantine = quarantine
            try archive.append([.trust(changed), .trust(NodeTrust(node: Sample.nodeID(1)))])
            #expect(try archive.load().trust == [NodeTrust(node: Sample.nodeID(1)), changed])
        }
        archive.close()
        let again = try scratch.archive()
        #expect(try again.load().trust.count == 2)
        again.close()
    }

    @Test func onlyAKnownNodeIsTrusted() throws {
        let archive = try archive()
        let failure = storeError { () throws(StoreError) in try archive.append([.trust(Sample.trust(3))]) }
        #expect(failure?.message.contains("FOREIGN KEY") == true)
        #expect(try archive.load().trust.isEmpty)
        archive.close()
    }

    @Test(arguments: [
        "UPDATE trust SET quarantine = NULL", "UPDATE trust SET quarantine = 'unheard_of'",
        "UPDATE trust SET quarantine = 'operator'", "UPDATE trust SET since = NULL", "UPDATE trust SET detail = ''",
        "UPDATE trust SET verified_results = 42", "UPDATE trust SET failed_challenges = 0", "DELETE FROM trust",
        "UPDATE trust SET node = (SELECT id FROM node WHERE name = 'node 2')",
    ])
    func damageIsRefused(damage: String) throws {
        let archive = try archive()
        try archive.append([.trust(Sample.trust(1))])
        try archive.database.execute(damage)
        let failure = storeError { () throws(StoreError) in _ = try archive.load() }
        #expect(failure?.kind == .corrupt)
        #expect(failure?.message.contains("restore a backup") == true)
        archive.close()
    }
}
