internal import Access
internal import Grid
internal import Reactor

/// The tokens that were taken back: one table for all loops, asked once for each token that is shown.
final class Revocations: Sendable {
    private struct Table {
        var users: [UserID: Timestamp] = [:]
        var tokens: Set<String> = []
    }

    private let table = Guarded(Table())

    /// - Parameter stored: what the Store remembers.
    init(_ stored: [Revocation] = []) {
        for revocation in stored { insert(revocation) }
    }

    /// From now on what it covers is taken no more.
    func insert(_ revocation: Revocation) {
        table.withLock { table in
            switch revocation.subject {
            case .user(let user): table.users[user] = max(table.users[user] ?? revocation.at, revocation.at)
            case .token(let id): table.tokens.insert(id)
            }
        }
    }

    /// Whether a token that is good otherwise was taken back.
    func covers(_ claims: TokenClaims) -> Bool {
        table.withLock { table in
            if let id = claims.tokenID, table.tokens.contains(id) { return true }
            guard let at = table.users[claims.subject] else { return false }
            return Revocation(.user(claims.subject), at: at)
                .covers(user: claims.subject, issuedAt: claims.issuedAt, tokenID: claims.tokenID)
        }
    }
}
