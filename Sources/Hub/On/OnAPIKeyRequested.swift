internal import Grid

extension Hub {
    /// An operator makes an API key: stored first, then the edges take it, then it may be shown.
    mutating func onAPIKeyRequested(
        _ request: RequestID, _ wish: APIKeyRequest, _ now: Now, _ effects: inout [Effect]
    ) {
        if let refusal = refusal(of: wish) {
            effects.append(.answer(request, .refused(refusal)))
            return
        }
        if apiKeys.count >= configuration.maximumAPIKeys {
            guard var oldest = apiKeys.oldestEnded(by: now.wall) else {
                let refusal = Refusal(.unavailable, "There are as many API keys as may be; revoke some")
                effects.append(.answer(request, .refused(refusal)))
                return
            }
            apiKeys.remove(oldest.id)
            effects.append(.persist(.apiKeyForgotten(oldest.id)))
            if oldest.isActive {
                // The edges have it still: they know its term, and do not forget it by themselves.
                oldest.revokedAt = now.wall
                effects.append(.apiKeyChanged(oldest))
            }
        }
        if users.insert(wish.owner).inserted {
            effects.append(.persist(.user(UserRecord(id: wish.owner, createdAt: now.wall))))
        }
        let record = APIKeyRecord(
            id: wish.id, digest: wish.digest, owner: wish.owner, name: wish.name, ratePerMinute: wish.ratePerMinute,
            createdAt: now.wall, expiresAt: wish.timeToLiveSeconds.map { now.wall.adding(milliseconds: $0 * 1000) })
        apiKeys.insert(record)
        effects.append(.persist(.apiKey(record)))
        account(record, .apiKeyCreated, now, &effects)
        effects.append(.apiKeyChanged(record))
        effects.append(.answer(request, .recorded))
    }

    mutating func account(_ key: APIKeyRecord, _ kind: AuditEntry.Kind, _ now: Now, _ effects: inout [Effect]) {
        let detail = key.name.isEmpty ? "\(key.id)" : "\(key.id) \(key.name)"
        account(AuditEntry(at: now.wall, kind: kind, user: key.owner, detail: detail), now, &effects)
    }

    private func refusal(of wish: APIKeyRequest) -> Refusal? {
        guard !isDraining else { return Refusal(.unavailable, "The coordinator is stopping") }
        guard (1...Limits.userIDBytes).contains(wish.owner.text.utf8.count) else {
            return Refusal(.badRequest, "A user has 1 to \(Limits.userIDBytes) bytes")
        }
        guard wish.name.utf8.count <= Limits.apiKeyNameBytes else {
            return Refusal(.badRequest, "An API key's name has at most \(Limits.apiKeyNameBytes) bytes")
        }
        guard (0...Limits.apiKeyRateMost).contains(wish.ratePerMinute) else {
            return Refusal(.badRequest, "An API key's rate is 0 to \(Limits.apiKeyRateMost) a minute")
        }
        if let seconds = wish.timeToLiveSeconds, !(1...Limits.apiKeyTermSeconds).contains(seconds) {
            return Refusal(.badRequest, "An API key's term is 1 to \(Limits.apiKeyTermSeconds) seconds")
        }
        guard apiKeys.find(.id(wish.id)) == nil, apiKeys.find(.digest(wish.digest)) == nil else {
            return Refusal(.badRequest, "There is such an API key already")
        }
        return nil
    }
}
