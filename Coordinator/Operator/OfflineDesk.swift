internal import Access
internal import Grid
internal import Hub
internal import Store

/// Carries out an operator's request while no coordinator runs: the same Hub, on the same Store, under the same lock.
enum OfflineDesk {
    /// - Parameters:
    ///   - directory: locked by the caller.
    ///   - settings: what the coordinator is configured to do.
    /// - Returns: what the command prints, now backed by what is on disk.
    /// - Throws: a ``StoreError`` or the Hub's ``Refusal``.
    static func perform(
        _ order: OperatorRequest, directory: DataDirectory, settings: OfflineSettings = OfflineSettings()
    ) throws -> String {
        let archive = try Archive(
            in: directory, now: HubDesk.now().wall, drawIdentity: { SecureRandom.uuid() })
        defer { archive.close() }
        let contents = try archive.load()
        var hub = Hub(
            configuration: settings.hub, state: StoredState(contents), seed: SecureRandom.uint64(), now: HubDesk.now())
        let secret =
            try settings.secretFile.map { try SigningSecret.load(from: $0) }
            ?? SigningSecret.loadOrCreate(directory: directory.path)
        let signer = JWTSigner(secret: secret)
        let request = RequestID(
            session: SessionAddress(loop: SessionAddress.insideLoop, slot: 0, generation: 0).id, number: 1)
        let (event, revealed) = ControlDesk.prepare(
            order, request: request, signer: signer, issuer: settings.issuer, audience: settings.audience)
        var effects: [Effect] = []
        hub.apply(event, now: HubDesk.now(), effects: &effects)
        var changes: [StoreChange] = []
        var output: String?
        for effect in effects {
            switch effect {
            case .persist(let change), .persistLater(let change): changes.append(change)
            case .answer(_, let answer): output = try ControlDesk.output(of: answer, secret: revealed)
            default: break
            }
        }
        for case .event(let told) in changes {
            // It would need another epoch, if the last coordinator has crashed.
            precondition(!told.event.room.isToldEarly, "no operator's request tells anything in \(told.event.room)")
        }
        guard let output else { preconditionFailure("a request without an answer") }
        try archive.append(changes)
        return output
    }
}

/// What of the coordinator's configuration an operator's request depends on: where none runs, nobody else knows it.
struct OfflineSettings {
    var hub = HubConfiguration()
    /// File of the HS256 secret; `nil`: the data directory's own.
    var secretFile: String?
    var issuer: String?
    var audience: String?
}
