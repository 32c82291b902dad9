internal import Grid

extension Hub {
    /// An operator adds to a user's balance: stored, then told and answered. A request that is repeated under its key
    /// is answered with the transfer it made the first time.
    mutating func onDepositRequested(
        _ request: RequestID, _ wish: DepositRequest, _ now: Now, _ effects: inout [Effect]
    ) {
        if let key = wish.key, let earlier = ledger.deposit(to: wish.user, key: key) {
            let isSame = earlier.currency == wish.currency && earlier.amountMicros == wish.amountMicros
            let conflict = Refusal(.idempotencyConflict, "This key was used for another deposit")
            let answer: Answer =
                isSame ? .deposited(earlier, ledger.balance(of: wish.user, wish.currency)) : .refused(conflict)
            return effects.append(.answer(request, answer))
        }
        if let refusal = refusal(of: wish) {
            return effects.append(.answer(request, .refused(refusal)))
        }
        if users.insert(wish.user).inserted {
            effects.append(.persist(.user(UserRecord(id: wish.user, createdAt: now.wall))))
        }
        let transfer = ledger.move(
            wish.amountMicros, wish.currency, .deposit, from: .world, to: .available(wish.user), key: wish.key,
            id: wish.id, at: now.wall)
        effects.append(.persist(.transfer(transfer)))
        account(
            AuditEntry(
                at: now.wall, kind: .deposited, user: wish.user,
                detail: "\(wish.amountMicros) millionths of \(wish.currency), transfer \(wish.id)"), now,
            &effects)
        tellBalances([wish.user], now, &effects)
        var facts = EventFacts()
        facts.owner = wish.user
        let confirmation = PaymentConfirmed(
            transaction: wish.id, user: wish.user, amountMicros: wish.amountMicros, currency: wish.currency,
            kind: .deposit, task: nil, confirmedAt: now.wall)
        rooms.publish(.paymentConfirmed(confirmation), facts, now, &effects)
        effects.append(.answer(request, .deposited(transfer, ledger.balance(of: wish.user, wish.currency))))
    }

    private func refusal(of wish: DepositRequest) -> Refusal? {
        guard !isDraining else { return Refusal(.unavailable, "The coordinator is stopping") }
        guard (1...Limits.userIDBytes).contains(wish.user.text.utf8.count) else {
            return Refusal(.badRequest, "A user has 1 to \(Limits.userIDBytes) bytes")
        }
        guard (1...Limits.idempotencyKeyBytes).contains(wish.key?.utf8.count ?? 1) else {
            return Refusal(.badRequest, "A key has 1 to \(Limits.idempotencyKeyBytes) bytes")
        }
        guard configuration.microsPerCredit[wish.currency] != nil else {
            return Refusal(.badRequest, "The currency \(wish.currency) is not dealt in here")
        }
        guard (1...Limits.depositMicros).contains(wish.amountMicros) else {
            return Refusal(.badRequest, "A deposit has 1 to \(Limits.depositMicros) millionths")
        }
        guard wish.amountMicros <= ledger.depositRoom(wish.currency) else {
            return Refusal(.badRequest, "All accounts together hold at most \(Limits.balanceMicros) millionths")
        }
        guard ledger.accountCount < Limits.ledgerAccounts, wish.key == nil || ledger.keyCount < Limits.depositKeys
        else { return Refusal(.unavailable, "The ledger has as many accounts or named deposits as it may") }
        return nil
    }
}
