internal import Access
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// `POST /api/v1/notifications`: an administrator says something to everybody.
extension Routes {
    /// Decides about one request; it is answered when the notification is on disk.
    func notify(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let sender = try claims(incoming.head, .admin).subject
        let content = try incoming.decoded { bytes throws(WireError) in try RESTCodec.notification(bytes) }
        let key = try incoming.idempotencyKey()
        try checkDisk()
        return incoming.push(
            .notificationRequested(
                incoming.id,
                NotificationRequest(id: SecureRandom.uuid(), sender: sender, key: key, content: content)))
    }
}
