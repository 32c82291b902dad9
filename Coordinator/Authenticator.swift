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

    init(verifier: JWTVerifier) { self.verifier = verifier }

    /// Checks a token.
    ///
    /// - Returns: its claims, or a refusal with `TOKEN_EXPIRED` or `INVALID_TOKEN`; why exactly is nobody's business
    ///   but the log's.
    func verify(_ token: String, now: Timestamp) -> Result<TokenClaims, Rejection> {
        do {
            return .success(try verifier.verify(token, now: now))
        } catch {
            let code = error == .expired ? Refusal.Code.tokenExpired : .invalidToken
            return .failure(Rejection(refusal: Refusal(code, "JWT token is invalid or expired"), why: "\(error)"))
        }
    }
}
