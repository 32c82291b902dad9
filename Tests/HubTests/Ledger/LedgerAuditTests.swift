import Grid
import Testing

@testable import Hub

/// An audit that finds nothing proves nothing, unless it finds what is broken on purpose.
@Suite("Ledger audit")
struct LedgerAuditTests {
    static let ann = UserID("ann")
    static let bob = UserID("bob")
    static let task = TaskID(UUID128(high: 4, low: 1))

    func transfer(
        _ number: UInt64, _ kind: LedgerTransfer.Kind, _ micros: Int64, _ debit: LedgerAccount,
        _ credit: LedgerAccount, task: TaskID? = LedgerAuditTests.task, key: String? = nil
    ) -> StoreChange {
        .transfer(
            LedgerTransfer(
                number: number, id: UUID128(high: 5, low: number), at: Timestamp(milliseconds: 0), kind: kind,
                debit: debit, credit: credit, currency: .usd, amountMicros: micros, task: task, key: key))
    }

    func record(_ state: TaskState, held: Int64, cost: Int64? = nil) -> StoreChange {
        var record = TaskRecord(
            id: Self.task, number: 1, job: "j", owner: Self.ann,
            specification: TaskSpecification(
                runner: "r", resources: ResourceRequest(gpu: .whole(1)), timeoutSeconds: 1),
            createdAt: Timestamp(milliseconds: 0))
        record.state = state
        record.heldMicros = held
        record.costMicros = cost
        return .task(record)
    }

    var deposit: StoreChange { transfer(1, .deposit, 100, .world, .available(Self.ann), task: nil, key: "k") }
    var hold: StoreChange { transfer(2, .hold, 60, .available(Self.ann), .held(Self.ann)) }

    /// What is found in the last of these transactions; the ones before must be sound.
    func found(_ transactions: [StoreChange]...) -> Set<String> {
        var audit = LedgerAudit()
        for transaction in transactions.dropLast() { #expect(audit.note(transaction) == []) }
        return Set(audit.note(transactions.last ?? []).map(\.invariant))
    }

    @Test("A sound history has nothing to find")
    func sound() {
        let settled = [
            transfer(3, .payment, 40, .held(Self.ann), .available(Self.bob)),
            transfer(4, .fee, 2, .held(Self.ann), .platform),
            transfer(5, .release, 18, .held(Self.ann), .available(Self.ann)),
            record(.completed, held: 0, cost: 42),
        ]
        #expect(found([deposit], [hold, record(.pending, held: 60)], [record(.running, held: 60)], settled).isEmpty)
    }

    @Test("Each broken promise is found under its name")
    func broken() {
        let held = [hold, record(.pending, held: 60)]
        let back = transfer(3, .release, 60, .held(Self.ann), .available(Self.ann))
        #expect(
            found(
                [deposit],
                [
                    transfer(3, .hold, 1, .available(Self.ann), .held(Self.ann)),
                    record(.pending, held: 1),
                ]) == ["L5"])
        #expect(found([transfer(1, .deposit, -1, .world, .available(Self.ann), task: nil)]) == ["L1"])
        #expect(found([transfer(1, .deposit, 1, .platform, .available(Self.ann), task: nil)]) == ["L1", "L2"])
        #expect(
            found(
                [deposit],
                [
                    transfer(2, .hold, 60, .available(Self.ann), .held(Self.bob)),
                    record(.pending, held: 60),
                ]
            ).contains("L1"))
        #expect(
            found(
                [deposit],
                [
                    transfer(2, .hold, 101, .available(Self.ann), .held(Self.ann)),
                    record(.pending, held: 101),
                ]) == ["L2"])
        #expect(
            found(
                [deposit], held, [back, record(.cancelled, held: 0)],
                [transfer(4, .hold, 9, .available(Self.ann), .held(Self.ann)), record(.cancelled, held: 0)]
            ).contains("L3"))
        #expect(
            found(
                [deposit], held,
                [
                    transfer(3, .release, 9, .held(Self.ann), .available(Self.ann)),
                    record(.cancelled, held: 0),
                ]
            ).contains("L3"))
        #expect(
            found(
                [deposit], held, [back, record(.cancelled, held: 0)],
                [
                    transfer(4, .payment, 60, .held(Self.ann), .available(Self.bob)),
                    record(.cancelled, held: 0),
                ]
            ).contains("L3"))
        #expect(
            found([deposit], [transfer(2, .deposit, 5, .world, .available(Self.ann), task: nil, key: "k")])
                == ["L4"])
        #expect(found([deposit], held, [back]) == ["L6"])
        #expect(found([deposit], held, [record(.failed, held: 60)]) == ["L6"])
        #expect(found([deposit], held, [back, record(.running, held: 0)]) == ["L6"])
        #expect(found([deposit], held, [record(.running, held: 61)]) == ["L6"])
        #expect(
            found(
                [deposit], held,
                [
                    transfer(3, .payment, 60, .held(Self.ann), .available(Self.bob)),
                    record(.completed, held: 0, cost: 59),
                ]) == ["L7"])
        #expect(
            found(
                [deposit], held,
                [
                    transfer(3, .payment, 60, .held(Self.ann), .available(Self.bob)),
                    record(.failed, held: 0),
                ]) == ["L7"])
    }

    @Test("Balances that the transfers do not make are found")
    func compared() {
        var ledger = LedgerScene()
        _ = ledger.deposit(100, to: "ann")
        #expect(ledger.audit.compare(with: ledger.scene.hub).isEmpty)
        var effects: [Effect] = []
        var unseen = ledger.task(1, of: "ann")
        #expect(ledger.scene.hub.holdFunds(&unseen, micros: 1, ledger.scene.now, &effects))
        #expect(Set(ledger.audit.compare(with: ledger.scene.hub).map(\.invariant)) == ["L5"])
    }
}
