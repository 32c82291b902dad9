import Grid
import Testing

@testable import Store

@Suite struct ArchiveAlertsTests {
    let scratch = ScratchDirectory()

    private func alerts(_ count: Int) -> [Alert] {
        var draw = Draw(seed: 11)
        return (0..<count).map { _ in draw.alert() }.sorted { $0.id.description < $1.id.description }
    }

    @Test func alertsComeBackAsTheyWereAndAreReplaced() throws {
        let archive = try scratch.archive()
        #expect(try archive.load().alerts.isEmpty)
        var alerts = alerts(20)
        try archive.append(alerts.map { .alert($0) })
        #expect(try archive.load().alerts == alerts)
        alerts[1].status = .resolved
        alerts[1].resolved = AlertStep(user: UserID("ana"), at: Sample.time(9))
        try archive.append([.alert(alerts[1]), .alert(alerts[1]), .alertForgotten(alerts[2].id)])
        try archive.append([.alertForgotten(alerts[2].id)])
        alerts.remove(at: 2)
        archive.close()
        let again = try scratch.archive()
        #expect(try again.load().alerts == alerts)
        #expect(try Tallies(database: again.database).count(.alerts) == 19)
        again.close()
    }

    /// A data directory of the release before has no logs of rooms that have become durable since.
    @Test func aRoomThatHasBecomeDurableBeginsItsLog() throws {
        let archive = try scratch.archive()
        try archive.database.execute("DELETE FROM room WHERE name = 'predictions'")
        archive.close()
        let again = try scratch.archive()
        #expect(try again.load().logs.map(\.room) == BaseRoom.allCases.filter(\.isDurable))
        again.close()
    }

    @Test(arguments: [
        "UPDATE alert SET body = replace(body, '\"status\"', '\"staTus\"')", "DELETE FROM alert",
        "UPDATE alert SET id = '00000000-0000-4000-8000-000000000000'",
        "UPDATE tally SET count = 0 WHERE name = 'alert'",
    ])
    func anAlertThatWasTamperedWithIsNotServed(tampering: String) throws {
        let archive = try scratch.archive()
        try archive.append([.alert(alerts(1)[0])])
        try archive.database.execute(tampering)
        do throws(StoreError) {
            _ = try archive.load()
            Issue.record("served: \(tampering)")
        } catch {
            #expect(error.kind == .corrupt)
        }
        archive.close()
    }
}
