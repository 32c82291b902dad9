import Grid
import Testing

@testable import Hub

@Suite("Funds of tasks")
struct FundsTests {
    /// What ann was given, and a task of hers for which so much of it is set aside.
    private func holding(_ held: Int64, of deposit: Int64) throws -> (ledger: LedgerScene, record: TaskRecord) {
        var ledger = LedgerScene()
        _ = ledger.deposit(deposit, to: "ann")
        let record = ledger.hold(held, of: "ann")
        return (ledger, try #require(record))
    }

    @Test("A hold moves what is available to what is locked, and tells so")
    func hold() throws {
        let (ledger, record) = try holding(600, of: 1000)
        let transfers = ledger.scene.effects.transfers
        #expect(transfers.count == 1 && transfers[0].kind == .hold && transfers[0].task == record.id)
        #expect(
            ledger.scene.effects.balanceEvents.map(\.balances) == [
                [Balance(currency: .usd, availableMicros: 400, lockedMicros: 600)]
            ])
        #expect(ledger.violations.isEmpty)
    }

    @Test("Who has too little gets nothing set aside, and nothing changes")
    func tooLittle() {
        var ledger = LedgerScene()
        _ = ledger.deposit(1000, to: "ann")
        #expect(ledger.hold(1001, of: "ann") == nil)
        #expect(ledger.scene.effects.isEmpty)
        #expect(ledger.hold(1, of: "ann", .neuro) == nil, "another currency is other money")
        #expect(ledger.balance("ann") == Balance(currency: .usd, availableMicros: 1000, lockedMicros: 0))
    }

    @Test("A settlement pays each owner once, the platform its fee, and gives the rest back; each is told")
    func settlement() throws {
        var (ledger, record) = try holding(10_000, of: 10_000)
        let effects = ledger.settle(&record, [("bob", 1010), ("cid", 2000), ("bob", 990)])
        let moved = effects.transfers.map { "\($0.kind) \($0.amountMicros)" }
        #expect(moved == ["payment 1900", "payment 1900", "fee 200", "release 6000"])
        #expect(effects.balanceEvents.map(\.user.text) == ["ann", "bob", "cid"])
        let confirmed = effects.paymentEvents.map { "\($0.user) \($0.kind.rawValue) \($0.amountMicros)" }
        #expect(confirmed == ["ann task_payment 4000", "bob task_earning 1900", "cid task_earning 1900"])
        #expect(Set(effects.paymentEvents.map(\.transaction)).isSubset(of: Set(effects.transfers.map(\.id))))
        #expect(ledger.scene.hub.ledger.micros(.platform, .usd) == 200)
        #expect(record.costMicros == 4000 && ledger.violations.isEmpty)
    }

    @Test("Who runs on a node of their own pays themselves, less the fee")
    func ownNode() throws {
        var (ledger, record) = try holding(1000, of: 1000)
        let effects = ledger.settle(&record, [("ann", 1000)])
        #expect(effects.balanceEvents.count == 1)
        #expect(ledger.balance("ann") == Balance(currency: .usd, availableMicros: 950, lockedMicros: 0))
        #expect(ledger.violations.isEmpty)
    }

    @Test("What costs nothing moves nothing but the hold's release")
    func free() throws {
        var (ledger, record) = try holding(1000, of: 1000)
        let effects = ledger.settle(&record, [("bob", 0)])
        #expect(effects.transfers.map(\.kind) == [.release] && effects.paymentEvents.isEmpty)
        var check = ledger.task(99, of: "")
        #expect(ledger.settle(&check, []).transfers.isEmpty && check.costMicros == 0)
        #expect(ledger.violations.isEmpty)
    }

    @Test("A release gives everything back, once")
    func release() throws {
        var (ledger, record) = try holding(700, of: 1000)
        #expect(ledger.release(&record).transfers.map(\.amountMicros) == [700])
        #expect(ledger.release(&record).transfers.isEmpty)
        #expect(ledger.balance("ann") == Balance(currency: .usd, availableMicros: 1000, lockedMicros: 0))
        #expect(ledger.violations.isEmpty)
    }

    @Test("The owner of an event is who may see it")
    func events() throws {
        var ledger = LedgerScene()
        ledger.scene.open(1, user: "ann")
        ledger.scene.join(1, .base(.userUpdates))
        ledger.scene.open(2, user: "bob")
        ledger.scene.join(2, .base(.userUpdates))
        let views = [1, 2].map { ledger.scene.hub.rooms.view(SessionID(bits: $0), .userUpdates) }
        let effects = ledger.deposit(5, to: "ann")
        #expect(effects.publications.count == 2)
        #expect(effects.publications.allSatisfy { $0.views == [views[0]] })
    }
}
