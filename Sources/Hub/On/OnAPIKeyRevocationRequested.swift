internal import Grid

extension Hub {
    /// An operator takes an API key back: stored first, then the edges close what was opened with it, then the operator
    /// is answered. A key that was taken back before stays as it was, and its revocation is told once more.
    mutating func onAPIKeyRevocationRequested(
        _ request: RequestID, _ reference: APIKeyReference, _ now: Now, _ effects: inout [Effect]
    ) {
        guard var record = apiKeys.find(reference) else {
            effects.append(.answer(request, .refused(Refusal(.notFound, "There is no such API key"))))
            return
        }
        let wasActive = record.isActive
        if wasActive {
            record.revokedAt = now.wall
            apiKeys.update(record)
        }
        // Also where it stands already: the answer waits for this, and so for the first time's commit.
        effects.append(.persist(.apiKey(record)))
        if wasActive { account(record, .apiKeyRevoked, now, &effects) }
        effects.append(.apiKeyChanged(record))
        effects.append(.answer(request, .apiKey(record)))
    }
}
