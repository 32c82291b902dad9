import Grid
import Testing

@testable import Hub

@Suite("Deposits")
struct OnDepositRequestedTests {
    @Test("Stored with its audit line, then told, then answered")
    func order() {
        var ledger = LedgerScene()
        let effects = ledger.deposit(100_000_000, to: "ann", key: "k")
        let kinds = effects.map { effect in
            switch effect {
            case .persist(.user): "user"
            case .persist(.transfer): "transfer"
            case .persist(.audit): "audited"
            case .persist(.event): "event"
            case .answer(_, .deposited): "answered"
            case .audit: "logged"
            default: "other"
            }
        }
        #expect(kinds == ["user", "transfer", "audited", "logged", "event", "event", "answered"])
        #expect(effects.audits.map(\.kind) == [.deposited])
        #expect(effects.audits.first?.detail.hasPrefix("100000000 millionths of USD, transfer ") == true)
        #expect(effects.paymentEvents.map(\.kind) == [.deposit])
        #expect(effects.last?.durableRooms.contains(.userUpdates) == true, "no answer before the disk's")
        #expect(ledger.deposit(1, to: "ann").persisted.allSatisfy { if case .user = $0 { false } else { true } })
    }

    @Test("The same key is the same deposit, also after a restart; another amount or currency is a conflict")
    func idempotent() {
        var ledger = LedgerScene()
        let first = ledger.deposit(5, to: "ann", key: "k").deposits.first?.0
        for _ in 0..<2 {
            let again = ledger.deposit(5, to: "ann", key: "k")
            #expect(again.count == 1 && again.deposits.first?.0 == first)
            #expect(ledger.deposit(6, to: "ann", key: "k").refusals == [.idempotencyConflict])
            #expect(ledger.deposit(5, to: "ann", .neuro, key: "k").refusals == [.idempotencyConflict])
            ledger.restart()
        }
        #expect(ledger.deposit(5, to: "bob", key: "k").deposits.first?.0.number == 2, "keys are each user's own")
        #expect(ledger.balance("ann")?.availableMicros == 5)
    }

    @Test("What cannot be is refused with a code, and nothing changes")
    func refusals() {
        var ledger = LedgerScene()
        #expect(ledger.deposit(0, to: "ann").refusals == [.badRequest])
        #expect(ledger.deposit(-1, to: "ann").refusals == [.badRequest])
        #expect(ledger.deposit(Limits.depositMicros + 1, to: "ann").refusals == [.badRequest])
        #expect(ledger.deposit(1, to: "").refusals == [.badRequest])
        #expect(ledger.deposit(1, to: String(repeating: "x", count: Limits.userIDBytes + 1)).refusals == [.badRequest])
        #expect(ledger.deposit(1, to: "ann", Currency("EUR")!).refusals == [.badRequest])
        #expect(ledger.deposit(1, to: "ann", key: "").refusals == [.badRequest])
        let long = String(repeating: "k", count: Limits.idempotencyKeyBytes + 1)
        #expect(ledger.deposit(1, to: "ann", key: long).refusals == [.badRequest])
        #expect(ledger.transfers.isEmpty && ledger.scene.hub.users.isEmpty)
        ledger.scene.apply(.drainStarted)
        #expect(ledger.deposit(1, to: "ann").refusals == [.unavailable])
    }

    @Test("All accounts together never hold more than their sum may be, so no settlement can overflow")
    func bounded() {
        var ledger = LedgerScene()
        for number in 0..<(Limits.balanceMicros / Limits.depositMicros) {
            #expect(ledger.deposit(Limits.depositMicros, to: "u\(number % 3)").deposits.count == 1)
        }
        #expect(ledger.deposit(1, to: "ann").refusals == [.badRequest])
        #expect(ledger.deposit(1, to: "ann", .neuro).deposits.count == 1)
        #expect(ledger.violations.isEmpty)
    }

    @Test("Balances are told to their user and to administrators; to others it is as if there were none")
    func balances() {
        var ledger = LedgerScene()
        _ = ledger.deposit(5, to: "ann", .neuro)
        _ = ledger.deposit(7, to: "ann")
        let both = [
            Balance(currency: .neuro, availableMicros: 5, lockedMicros: 0),
            Balance(currency: .usd, availableMicros: 7, lockedMicros: 0),
        ]
        for (asker, isAdmin) in [("ann", false), ("root", true)] {
            guard case .balances(UserID("ann"), let told)? = ledger.balances("ann", asker: asker, isAdmin: isAdmin)
            else {
                Issue.record("no balances for \(asker)")
                continue
            }
            #expect(told == both)
        }
        for user in ["ann", "nobody"] {
            guard case .refused(let refusal)? = ledger.balances(user, asker: "bob") else {
                Issue.record("told to somebody else")
                continue
            }
            #expect(refusal.code == .notFound)
        }
    }
}
