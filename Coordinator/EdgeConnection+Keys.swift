internal import Fanout
internal import Grid

extension EdgeConnection {
    /// Closes the session if it was opened with that API key, which was taken back.
    func endIfOpened(with key: APIKeyID) {
        guard !isSayingGoodbye else { return }
        // All others show tokens, or an agent's own key.
        guard case .client(let session as TriggerXSession) = role else { return }
        session.endIfOpened(with: key)
    }
}
