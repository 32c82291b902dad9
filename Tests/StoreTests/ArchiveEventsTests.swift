import Grid
import Testing

@testable import Store

@Suite struct ArchiveEventsTests {
    let scratch = ScratchDirectory()

    private func error(_ body: () throws(StoreError) -> Void) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch { return error }
    }

    private func log(_ archive: Archive) throws(StoreError) -> StoredLog {
        guard let log = try archive.load().logs.first(where: { $0.room == .general }) else {
            throw StoreError(.failed, "no log")
        }
        return log
    }

    @Test func everyDurableRoomBeginsALogThatKeepsItsEpoch() throws {
        let archive = try scratch.archive()
        let logs = try archive.load().logs
        #expect(logs.map(\.room) == BaseRoom.allCases.filter(\.isDurable))
        #expect(Set(logs.map(\.epoch)).count == logs.count)
        #expect(logs.allSatisfy { $0.events.isEmpty && (1..<1 << 52).contains($0.epoch) })
        archive.close()
        let again = try scratch.archive()
        #expect(try again.load().logs == logs)
        again.close()
        let other = ScratchDirectory()
        let stranger = try Archive(in: other.lockedDirectory(), now: Sample.time(0)) { UUID128(high: 5, low: 6) }
        #expect(try Set(stranger.load().logs.map(\.epoch)).isDisjoint(with: logs.map(\.epoch)))
        stranger.close()
    }

    @Test func eventsAreThereAfterReopeningInOrder() throws {
        let archive = try scratch.archive()
        let epoch = try log(archive).epoch
        let events = (1...300).map { Sample.event(UInt64($0), epoch: epoch) }
        try archive.append(events.prefix(100).map { .event($0) })
        for event in events.dropFirst(100) { try archive.append([.event(event)]) }
        archive.close()
        let again = try scratch.archive()
        #expect(try log(again) == StoredLog(room: .general, epoch: epoch, events: events))
        again.close()
    }

    @Test func whatIsLetGoOfIsGoneAndOffsetsGoOn() throws {
        let archive = try scratch.archive()
        let epoch = try log(archive).epoch
        try archive.append((1...10).map { .event(Sample.event($0, epoch: epoch)) })
        try archive.append([.eventsTrimmed(.general, through: 4), .eventsTrimmed(.general, through: 3)])
        #expect(try log(archive).trimmedThrough == 4)
        #expect(try log(archive).events.map(\.position.offset) == Array(5...10))
        try archive.append([.eventsTrimmed(.general, through: 10)])
        archive.close()
        let again = try scratch.archive()
        #expect(try log(again) == StoredLog(room: .general, epoch: epoch, trimmedThrough: 10))
        try again.append([.event(Sample.event(11, epoch: epoch))])
        #expect(try log(again).events.map(\.position.offset) == [11])
        again.close()
    }

    @Test func anEventIsStoredWithWhatStandsBesideIt() throws {
        let archive = try scratch.archive()
        let epoch = try log(archive).epoch
        let failure = error { () throws(StoreError) in
            try archive.append([.event(Sample.event(1, epoch: epoch)), .enrolment(Sample.enrolment(1, node: 2))])
        }
        #expect(failure?.kind == .failed)
        #expect(try log(archive).events.isEmpty)
        try archive.append([.event(Sample.event(1, epoch: epoch))])
        #expect(try log(archive).events.count == 1)
        archive.close()
    }

    @Test func aLogGoesOnUnderAnotherEpochAndKnowsTheFormer() throws {
        let archive = try scratch.archive()
        var expected = try log(archive)
        let first = expected.epoch
        try archive.append((1...3).map { .event(Sample.event($0, epoch: first)) })
        try archive.append([
            .epochBegan(.general, epoch: 70), .event(Sample.event(4, epoch: 70)), .epochBegan(.general, epoch: 71),
        ])
        try archive.append([.toldEarly(.tasks, true), .toldEarly(.general, true), .toldEarly(.general, true)])
        try archive.append([.toldEarly(.tasks, false)])
        archive.close()
        expected.isToldEarly = true
        expected.events = (1...3).map { Sample.event($0, epoch: first) }
        expected.begin(epoch: 70)
        expected.events.append(Sample.event(4, epoch: 70))
        expected.begin(epoch: 71)
        let again = try scratch.archive()
        #expect(try log(again) == expected)
        #expect(try again.load().logs.filter(\.isToldEarly).map(\.room) == [.general])
        for epoch in UInt64(72)...200 {
            try again.append([.epochBegan(.general, epoch: epoch)])
            expected.begin(epoch: epoch)
        }
        #expect(try log(again) == expected && expected.formerEpochs.count == Limits.formerEpochs)
        again.close()
    }

    @Test func aHoleIsOurOwnFault() async {
        await #expect(processExitsWith: .failure) {
            let scratch = ScratchDirectory()
            let archive = try scratch.archive()
            let epoch = try archive.load().logs.first { $0.room == .general }?.epoch ?? 0
            try archive.append([.event(Sample.event(2, epoch: epoch))])
        }
    }

    @Test(arguments: [
        "UPDATE event SET body = replace(body, 'message 3', 'message 4') WHERE offset = 3",
        "UPDATE event SET body = 'nonsense' WHERE offset = 3", "UPDATE event SET kind = 'unheard_of' WHERE offset = 3",
        "UPDATE event SET at = at + 1 WHERE offset = 3", "UPDATE event SET owner = 'eve' WHERE offset = 3",
        "DELETE FROM event WHERE offset = 3", "DELETE FROM event WHERE offset = 1",
        "DELETE FROM event WHERE offset = 5",
        "UPDATE room SET last_offset = 4 WHERE name = 'general'", "UPDATE room SET epoch = 1 WHERE name = 'general'",
        "UPDATE former_epoch SET last_offset = 9 WHERE room = 'general'", "UPDATE former_epoch SET epoch = 9",
        "UPDATE room SET trimmed_through = 1 WHERE name = 'general'", "DELETE FROM room WHERE name = 'tasks'",
        "INSERT INTO room SELECT 'nodes', epoch, 0, 0, checksum FROM room WHERE name = 'tasks'",
    ])
    func damageIsRefusedWithAClearError(damage: String) throws {
        let archive = try scratch.archive()
        let epoch = try log(archive).epoch
        try archive.append((1...5).map { .event(Sample.event($0, epoch: epoch)) })
        try archive.append([.epochBegan(.general, epoch: 7)])
        try archive.database.execute(damage)
        let failure = error { () throws(StoreError) in _ = try archive.load() }
        #expect(failure?.kind == .corrupt)
        #expect(failure?.message.contains("restore a backup") == true, "\(String(describing: failure))")
        archive.close()
    }
}
