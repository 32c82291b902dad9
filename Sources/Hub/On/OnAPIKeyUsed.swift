internal import Grid

extension Hub {
    /// Somebody was let in with an API key: noted, but not oftener than it is worth an fsync. A key that was taken back
    /// meanwhile stays as it is.
    mutating func onAPIKeyUsed(_ id: APIKeyID, _ now: Now, _ effects: inout [Effect]) {
        guard var record = apiKeys.find(.id(id)), record.isActive else { return }
        if let last = record.lastUsedAt {
            // A wall clock that was set back may lie before the last use; what is noted never goes back.
            guard last.adding(milliseconds: Int64(Limits.apiKeyUseSeconds) * 1000) <= now.wall else { return }
        }
        record.lastUsedAt = now.wall
        apiKeys.update(record)
        effects.append(.persist(.apiKey(record)))
    }
}
