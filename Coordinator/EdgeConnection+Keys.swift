internal import Fanout
internal import Grid

extension EdgeConnection {
    /// Closes the session if it was opened with that API key, which was taken back.
    func endIfOpened(with key: APIKeyID) {
        guard !isSayingGoodbye else { return }
        switch role {
        // Those show tokens, or an agent's own key.
        case .http, .client, .stream, .agent: break
        }
    }
}
