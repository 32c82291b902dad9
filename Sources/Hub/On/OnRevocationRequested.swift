internal import Grid

extension Hub {
    /// An operator takes tokens back: stored first, then the edges close what was opened with them, then the
    /// operator is answered.
    mutating func onRevocationRequested(
        _ request: RequestID, _ subject: Revocation.Subject, _ now: Now, _ effects: inout [Effect]
    ) {
        if let refusal = refusal(of: subject) {
            effects.append(.answer(request, .refused(refusal)))
            return
        }
        revocations.insert(subject)
        let revocation = Revocation(subject, at: now.wall)
        effects.append(.persist(.revocation(revocation)))
        switch subject {
        case .user(let user):
            account(
                AuditEntry(at: now.wall, kind: .tokensRevoked, user: user, detail: "every token so far"), now, &effects)
        case .token(let id):
            account(AuditEntry(at: now.wall, kind: .tokensRevoked, detail: "the token \(id)"), now, &effects)
        }
        effects.append(.revoked(revocation))
        effects.append(.answer(request, .recorded))
    }

    private func refusal(of subject: Revocation.Subject) -> Refusal? {
        guard revocations.contains(subject) || revocations.count < configuration.maximumRevocations else {
            return Refusal(.unavailable, "As many revocations are kept as may be")
        }
        switch subject {
        case .user(let user):
            return (1...Limits.userIDBytes).contains(user.text.utf8.count)
                ? nil : Refusal(.badRequest, "A user has 1 to \(Limits.userIDBytes) bytes")
        case .token(let id):
            return (1...Limits.tokenIDBytes).contains(id.utf8.count)
                ? nil : Refusal(.badRequest, "A token's id has 1 to \(Limits.tokenIDBytes) bytes")
        }
    }
}
