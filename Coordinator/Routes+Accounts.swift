internal import Access
internal import Fanout
internal import Grid
internal import Hub
internal import Web

/// `/api/v1/users/{user_id}/balances`: what users have.
extension Routes {
    /// One's own, or anybody's for an administrator; a stranger looks like nobody.
    func balances(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let asker = Asker(try claims(incoming.head, []))
        guard asker.isAdmin || UserID(name) == asker.user else { throw Refusal(.notFound, "no such user") }
        return incoming.ask(.balances(UserID(name), asker))
    }
}
