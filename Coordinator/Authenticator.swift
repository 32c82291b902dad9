internal import Access
internal import Bytes
internal import Grid

/// Who a token is: the configured verifier with the refusals that clients see.
final class Authenticator: Sendable {
    /// Why a token is not taken: what the client is told, and what only the log may know.
    struct Rejection: Error {
        var refusal: Refusal
        var why: String
    }

    private let verifier: JWTVerifier
    private let revocations: Revocations

    init(verifier: JWTVerifier, revocations: Revocations = Revocations()) {
        self.verifier = verifier
        self.revocations = revocations
    }

    /// What the bearer of a token that was taken back is told.
    static let revoked = Refusal(.invalidToken, "the token was revoked")

    /// Checks a token.
    ///
    /// - Returns: its claims, or a refusal with `TOKEN_EXPIRED` or `INVALID_TOKEN`; why exactly is nobody's business
    ///   but the log's.
    func verify(_ token: String, now: Timestamp) -> Result<TokenClaims, Rejection> {
        do {
            let claims = try verifier.verify(token, now: now)
            if revocations.covers(claims) {
                return .failure(Rejection(refusal: Self.revoked, why: "the token was revoked"))
            }
            return .success(claims)
        } catch {
            let code = error == .expired ? Refusal.Code.tokenExpired : .invalidToken
            return .failure(Rejection(refusal: Refusal(code, "JWT token is invalid or expired"), why: "\(error)"))
        }
    }
}
