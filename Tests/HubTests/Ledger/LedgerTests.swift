import Grid
import Testing

@testable import Hub

@Suite("Ledger")
struct LedgerTests {
    /// A user's balances as the naive model keeps them.
    struct Purse: Hashable {
        var available: Int64 = 0
        var locked: Int64 = 0
    }

    struct Model {
        var purses: [String: [Currency: Purse]] = [:]
        var platform: [Currency: Int64] = [:]
        var deposits: [String: (Currency, Int64)] = [:]
    }

    static let users = ["ann", "bob", "cid", "dot"]
    static let currencies: [Currency] = [.usd, .neuro]

    @Test("Random deposits, holds, settlements, releases and restarts agree with a naive model", arguments: 1...20)
    func property(seed: UInt64) {
        var dice = Dice(seed)
        var configuration = HubConfiguration()
        configuration.platformFeeBasisPoints = [0, 1, 500, 3333, 10_000].randomElement(using: &dice)!
        var ledger = LedgerScene(configuration)
        var model = Model()
        var live: [TaskRecord] = []
        var counts = [0, 0, 0, 0, 0, 0]
        for step in 0..<400 {
            let user = Self.users.randomElement(using: &dice)!
            let currency = Self.currencies.randomElement(using: &dice)!
            let kind = Int.random(in: 0..<20, using: &dice)
            switch kind {
            case 0..<5:
                deposit(user, currency, &dice, &ledger, &model)
                counts[0] += 1
            case 5..<11:
                let micros = Int64.random(in: 0...200_000, using: &dice)
                let fits = micros <= model.purses[user]?[currency]?.available ?? 0
                let record = ledger.hold(micros, of: user, currency)
                #expect((record != nil) == fits)
                counts[fits ? 1 : 2] += 1
                guard let record else { continue }
                #expect(record.heldMicros == micros)
                if micros > 0 {
                    model.purses[user]![currency]!.available -= micros
                    model.purses[user]![currency]!.locked += micros
                }
                live.append(record)
            case 11..<16 where !live.isEmpty:
                var record = live.remove(at: Int.random(in: 0..<live.count, using: &dice))
                settle(&record, &dice, &ledger, &model)
                counts[3] += 1
            case 16..<19 where !live.isEmpty:
                var record = live.remove(at: Int.random(in: 0..<live.count, using: &dice))
                let held = record.heldMicros
                ledger.release(&record)
                counts[4] += 1
                guard held > 0 else { continue }
                model.purses[record.owner.text]![record.specification.currency]!.locked -= held
                model.purses[record.owner.text]![record.specification.currency]!.available += held
            default:
                ledger.restart()
                counts[5] += 1
            }
            if step % 20 == 0 { compare(&ledger, model) }
        }
        compare(&ledger, model)
        #expect(ledger.violations.isEmpty)
        #expect(counts.allSatisfy { $0 > 0 }, "every kind of step was seen: \(counts)")
    }

    func deposit(
        _ user: String, _ currency: Currency, _ dice: inout Dice, _ ledger: inout LedgerScene, _ model: inout Model
    ) {
        let micros = Int64.random(in: 1...100_000, using: &dice)
        let key = Bool.random(using: &dice) ? "k\(Int.random(in: 0..<20, using: &dice))" : nil
        let effects = ledger.deposit(micros, to: user, currency, key: key)
        if let key, let earlier = model.deposits[user + key] {
            if earlier == (currency, micros) {
                #expect(effects.deposits.count == 1 && effects.count == 1)
            } else {
                #expect(effects.refusals == [.idempotencyConflict] && effects.count == 1)
            }
            return
        }
        if let key { model.deposits[user + key] = (currency, micros) }
        model.purses[user, default: [:]][currency, default: Purse()].available += micros
        #expect(effects.deposits.first?.1.availableMicros == model.purses[user]![currency]!.available)
    }

    func settle(
        _ record: inout TaskRecord, _ dice: inout Dice, _ ledger: inout LedgerScene, _ model: inout Model
    ) {
        let currency = record.specification.currency
        let held = record.heldMicros
        var rest = held
        var shares: [(String, Int64)] = []
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
            let share = Int64.random(in: 0...rest, using: &dice)
            rest -= share
            shares.append((Self.users.randomElement(using: &dice)!, share))
        }
        let cost = held - rest
        let fee = cost * ledger.scene.hub.configuration.platformFeeBasisPoints / 10_000
        let effects = ledger.settle(&record, shares)
        #expect(record.costMicros == cost && record.heldMicros == 0)
        guard held > 0 else { return #expect(effects.transfers.isEmpty) }
        model.purses[record.owner.text]![currency]!.locked -= held
        model.purses[record.owner.text]![currency]!.available += rest
        model.platform[currency, default: 0] += fee
        // Who gets which micro-unit of the rounded fee is told by the transfers; that it adds up is checked here.
        var paid: Int64 = 0
        for transfer in effects.transfers where transfer.kind == .payment {
            guard case .available(let owner) = transfer.credit else { continue }
            paid += transfer.amountMicros
            let gross = shares.filter { $0.0 == owner.text }.reduce(0) { $0 + $1.1 }
            let exact = gross * (10_000 - ledger.scene.hub.configuration.platformFeeBasisPoints)
            #expect(abs(transfer.amountMicros * 10_000 - exact) < 10_000, "within a micro-unit of its share")
            model.purses[owner.text, default: [:]][currency, default: Purse()].available += transfer.amountMicros
        }
        #expect(paid + fee == cost)
    }

    func compare(_ ledger: inout LedgerScene, _ model: Model) {
        for user in Self.users {
            guard case .balances(UserID(user), let told)? = ledger.balances(user) else {
                Issue.record("no balances")
                return
            }
            let expected = (model.purses[user] ?? [:]).map {
                Balance(currency: $0.key, availableMicros: $0.value.available, lockedMicros: $0.value.locked)
            }
            #expect(told == expected.sorted { $0.currency < $1.currency })
        }
        for currency in Self.currencies {
            #expect(ledger.scene.hub.ledger.micros(.platform, currency) == model.platform[currency] ?? 0)
        }
    }

    @Test("A transfer takes from one account what it gives to another, and is numbered")
    func move() {
        var ledger = Ledger()
        let user = UserID("ann")
        let id = UUID128(high: 1, low: 2)
        let at = Timestamp(milliseconds: 5)
        let first = ledger.move(7, .usd, .deposit, from: .world, to: .available(user), key: "k", id: id, at: at)
        let second = ledger.move(3, .usd, .hold, from: .available(user), to: .held(user), id: id, at: at)
        #expect(first.number == 1 && second.number == 2 && ledger.lastNumber == 2)
        #expect(ledger.micros(.world, .usd) == -7 && ledger.micros(.available(user), .usd) == 4)
        #expect(ledger.balances(of: user) == [Balance(currency: .usd, availableMicros: 4, lockedMicros: 3)])
        #expect(ledger.deposit(to: user, key: "k") == first && ledger.deposit(to: UserID("bob"), key: "k") == nil)
        #expect(ledger.depositRoom(.usd) == Limits.balanceMicros - 7)
    }
}
