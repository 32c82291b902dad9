import Testing

@testable import neurogrid_coordinator

@Suite struct SubscriptionRosterTests {
    @Test func listsTheMostSubscribedFirstAndNoMoreThanAsked() {
        let roster = SubscriptionRoster()
        for _ in 0..<3 { roster.clientCame() }
        for id in ["b", "a", "c", "c", "d", "d", "d"] { roster.subscribed(id) }
        roster.unsubscribed("d")
        let summary = roster.summary(limit: 3)
        #expect(summary.clients == 3 && summary.subscriptions == 4)
        #expect(summary.lines.map(\.id) == ["c", "d", "a"])
        #expect(summary.lines.map(\.subscribers) == [2, 2, 1])
        roster.clientWent(["d", "c"])
        #expect(roster.summary().lines.map(\.subscribers) == [1, 1, 1, 1] && roster.summary().clients == 2)
    }
}
