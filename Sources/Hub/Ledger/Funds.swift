internal import Grid

/// What a node's owner is owed for one member of a task, the platform's fee still in it.
struct FundsShare: Hashable, Sendable {
    var owner: UserID
    /// Not negative.
    var micros: Int64
}

/// A task's money: set aside once, then settled or given back once, in the `apply` that ends the task. Each of these
/// asks for its transfers to be stored; with the task's record, which the caller stores, they are one transaction.
extension Hub {
    /// Sets aside what a task may cost. False, with nothing changed, where its owner has not so much.
    mutating func holdFunds(
        _ task: inout TaskRecord, micros: Int64, _ now: Now, _ effects: inout [Effect]
    ) -> Bool {
        precondition(micros >= 0 && task.heldMicros == 0, "a task's funds are held once")
        guard micros > 0 else { return true }
        let currency = task.specification.currency
        guard ledger.micros(.available(task.owner), currency) >= micros else { return false }
        task.heldMicros = micros
        move(micros, .hold, from: .available(task.owner), to: .held(task.owner), task, now, &effects)
        tellBalances([task.owner], now, &effects)
        return true
    }

    /// Pays for a completed task out of what was set aside: each owner its shares less the fee, the platform the fee;
    /// the rest goes back. The fee is taken of the cost as a whole and rounded down once; of an owner's shares it takes
    /// what it has grown by over them.
    ///
    /// - Parameter shares: together at most ``TaskRecord/heldMicros``, a member each.
    mutating func settleFunds(
        _ task: inout TaskRecord, shares: [FundsShare], _ now: Now, _ effects: inout [Effect]
    ) {
        precondition(shares.allSatisfy { $0.micros >= 0 && $0.micros <= task.heldMicros }, "a share is of the hold")
        let earnings = Self.perOwner(shares)
        let payer = task.owner
        var cost: Int64 = 0
        var fee: Int64 = 0
        var payments: [(owner: UserID, transfer: LedgerTransfer)] = []
        for earning in earnings {
            cost += earning.micros
            precondition(cost <= task.heldMicros, "a task costs at most what was set aside for it")
            let feeSoFar = Ledger.feeMicros(of: cost, configuration: configuration)
            let net = earning.micros - (feeSoFar - fee)
            fee = feeSoFar
            guard net > 0 else { continue }
            let payment = move(net, .payment, from: .held(payer), to: .available(earning.owner), task, now, &effects)
            payments.append((earning.owner, payment))
        }
        var transaction = payments.first?.transfer.id
        if fee > 0 {
            let taken = move(fee, .fee, from: .held(payer), to: .platform, task, now, &effects)
            transaction = transaction ?? taken.id
        }
        let rest = task.heldMicros - cost
        if rest > 0 { move(rest, .release, from: .held(payer), to: .available(payer), task, now, &effects) }
        let hadFunds = task.heldMicros > 0
        task.heldMicros = 0
        task.costMicros = cost
        guard hadFunds else { return }

        tellBalances([payer] + payments.map(\.owner), now, &effects)
        if let transaction { confirm(transaction, .taskPayment, payer, cost, task, now, &effects) }
        for (owner, payment) in payments {
            confirm(payment.id, .taskEarning, owner, payment.amountMicros, task, now, &effects)
        }
    }

    /// Gives back all that was set aside for a task, if anything was.
    mutating func releaseFunds(_ task: inout TaskRecord, _ now: Now, _ effects: inout [Effect]) {
        guard task.heldMicros > 0 else { return }
        let micros = task.heldMicros
        task.heldMicros = 0
        move(micros, .release, from: .held(task.owner), to: .available(task.owner), task, now, &effects)
        tellBalances([task.owner], now, &effects)
    }

    /// Each owner's shares together, in the order in which the owners come first: one payment each, however many
    /// members ran on their nodes.
    private static func perOwner(_ shares: [FundsShare]) -> [FundsShare] {
        var earnings: [FundsShare] = []
        var places: [UserID: Int] = [:]
        for share in shares {
            if let place = places[share.owner] {
                // Within the hold, but for a fault of the caller that is trapped on later.
                earnings[place].micros += share.micros
            } else {
                places[share.owner] = earnings.count
                earnings.append(share)
            }
        }
        return earnings
    }

    @discardableResult
    private mutating func move(
        _ micros: Int64, _ kind: LedgerTransfer.Kind, from debit: LedgerAccount, to credit: LedgerAccount,
        _ task: TaskRecord, _ now: Now, _ effects: inout [Effect]
    ) -> LedgerTransfer {
        let transfer = ledger.move(
            micros, task.specification.currency, kind, from: debit, to: credit, task: task.id,
            id: entropy.nextUUID(), at: now.wall)
        effects.append(.persist(.transfer(transfer)))
        return transfer
    }

    /// Tells each of these users once what they have now.
    mutating func tellBalances(_ touched: [UserID], _ now: Now, _ effects: inout [Effect]) {
        for user in Set(touched).sorted() {
            var facts = EventFacts()
            facts.owner = user
            let event = BalanceUpdated(user: user, balances: ledger.balances(of: user), updatedAt: now.wall)
            rooms.publish(.balanceUpdated(event), facts, now, &effects)
        }
    }

    private mutating func confirm(
        _ transaction: UUID128, _ kind: PaymentConfirmed.Kind, _ user: UserID, _ micros: Int64, _ task: TaskRecord,
        _ now: Now, _ effects: inout [Effect]
    ) {
        var facts = EventFacts()
        facts.owner = user
        let event = PaymentConfirmed(
            transaction: transaction, user: user, amountMicros: micros, currency: task.specification.currency,
            kind: kind, task: task.id, confirmedAt: now.wall)
        rooms.publish(.paymentConfirmed(event), facts, now, &effects)
    }
}
