import Grid
import Testing

@testable import Store

/// Bits that changed on the disk by themselves: what is served is what was written, or nothing is.
@Suite struct DecayTests {
    private struct Served: Hashable {
        var contents: ArchiveContents
        var proof: LedgerProof
        var audit: [AuditEntry]
    }

    private func serve(_ scratch: ScratchDirectory) throws(StoreError) -> Served {
        let archive = try scratch.archive()
        defer { archive.close() }
        return Served(
            contents: try archive.load(), proof: try archive.verifyLedger(), audit: try archive.audit(newest: 1000))
    }

    /// Every 64th byte or so of the file, each with one flipped bit, in a fixed pseudo-random order.
    @Test func aFlippedBitIsNeverServed() throws {
        let origin = ScratchDirectory()
        let archive = try origin.archive()
        let epoch = try archive.load().logs.first { $0.room == .general }?.epoch ?? 0
        var scene = LedgerScene(seed: 6)
        for number in 0..<12 {
            try archive.append(scene.next(2))
            try archive.append([
                .job(Sample.job("job \(number)")), .task(Sample.endedTask(number + 1, job: "job \(number)")),
                .trust(Sample.trust(number)), .apiKey(Sample.apiKey(number, revoked: number % 2 == 0)),
                .event(Sample.event(UInt64(number + 1), epoch: epoch)),
                .node(Sample.completeNode(number, gpus: number % 4)),
                .enrolment(Sample.enrolment(number, node: number)),
                .audit(AuditEntry(at: Sample.time(Int64(number)), kind: .enrolmentRequested, detail: "d\(number)")),
            ])
        }
        archive.close()
        let bytes = origin.read("neurogrid.db")
        let expected = try serve(origin)

        var state: UInt64 = 42
        var refused = 0
        let rounds = 500
        for _ in 0..<rounds {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bit = Int(state >> 33) % (bytes.count * 8)
            var decayed = bytes
            decayed[bit / 8] ^= 1 << UInt8(bit % 8)
            let scratch = ScratchDirectory()
            scratch.write("neurogrid.db", decayed)
            do throws(StoreError) {
                let served = try serve(scratch)
                #expect(served == expected, "bit \(bit % 8) of byte \(bit / 8)")
            } catch {
                refused += 1
            }
        }
        #expect(refused > rounds / 10, "most of the file is records; only unused space goes unnoticed")
    }

    @Test func aRuinedPageIsRefusedWithAClearError() throws {
        let origin = ScratchDirectory()
        let archive = try origin.archive()
        try archive.append((0..<30).map { .node(Sample.completeNode($0)) })
        archive.close()
        let bytes = origin.read("neurogrid.db")
        for page in 1..<(bytes.count / 4096) {
            var ruined = bytes
            for index in 0..<64 { ruined[page * 4096 + index] = 0xA5 }
            let scratch = ScratchDirectory()
            scratch.write("neurogrid.db", ruined)
            do throws(StoreError) {
                _ = try serve(scratch)
                Issue.record("page \(page) was served")
            } catch {
                #expect(error.kind == .corrupt)
                #expect(error.message.contains(scratch.path) && error.message.contains("restore a backup"))
            }
        }
    }
}
