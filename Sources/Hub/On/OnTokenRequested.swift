internal import Grid

extension Hub {
    /// A token is about to be minted: its user is remembered and the minting accounted for, then it may be shown.
    mutating func onTokenRequested(
        _ request: RequestID, _ user: UserID, _ permissions: Permissions, _ now: Now, _ effects: inout [Effect]
    ) {
        guard (1...Limits.userIDBytes).contains(user.text.utf8.count) else {
            let refusal = Refusal(.badRequest, "A user has 1 to \(Limits.userIDBytes) bytes")
            effects.append(.answer(request, .refused(refusal)))
            return
        }
        if users.insert(user).inserted {
            effects.append(.persist(.user(UserRecord(id: user, createdAt: now.wall))))
        }
        account(
            AuditEntry(
                at: now.wall, kind: .tokenMinted, user: user, detail: permissions.names.joined(separator: ",")), now,
            &effects)
        effects.append(.answer(request, .recorded))
    }
}
