internal import Access
internal import Grid
internal import Hub
internal import Store

/// Carries out an operator's request while no coordinator runs: the same Hub, on the same Store, under the same lock.
enum OfflineDesk {
    /// - Parameter directory: locked by the caller.
    /// - Returns: the secret, now backed by what is on disk.
    /// - Throws: a ``StoreError`` or the Hub's ``Refusal``.
    /// - Parameter tokens: how the coordinator's tokens are made.
    static func perform(
        _ order: OperatorRequest, directory: DataDirectory, tokens: TokenSettings = TokenSettings()
    ) throws -> String {
        let archive = try Archive(
            in: directory, now: HubDesk.now().wall, drawIdentity: { SecureRandom.uuid() })
        defer { archive.close() }
        let contents = try archive.load()
        var hub = Hub(
            configuration: HubConfiguration(),
            state: StoredState(contents),
            seed: SecureRandom.uint64(), now: HubDesk.now())
        let secret =
            try tokens.secretFile.map { try SigningSecret.load(from: $0) }
            ?? SigningSecret.loadOrCreate(directory: directory.path)
        let signer = JWTSigner(secret: secret)
        let request = RequestID(
            session: SessionAddress(loop: SessionAddress.insideLoop, slot: 0, generation: 0).id, number: 1)
        let (event, answer) = ControlDesk.prepare(
            order, request: request, signer: signer, issuer: tokens.issuer, audience: tokens.audience)
        var effects: [Effect] = []
        hub.apply(event, now: HubDesk.now(), effects: &effects)
        var changes: [StoreChange] = []
        for effect in effects {
            switch effect {
            case .persist(let change): changes.append(change)
            case .answer(_, .refused(let refusal)): throw refusal
            default: break
            }
        }
        try archive.append(changes)
        return answer
    }
}

/// What of the configuration decides how tokens are made: where no coordinator runs, nobody else knows it.
struct TokenSettings {
    /// File of the HS256 secret; `nil`: the data directory's own.
    var secretFile: String?
    var issuer: String?
    var audience: String?
}
