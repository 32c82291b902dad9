import Reactor
import Web

/// The opening handshake of one client, and what the server's refusal says.
final class WebSocketOpening {
    /// What an answer to the handshake came to.
    enum Outcome {
        /// More bytes are needed.
        case undecided
        case opened(WebSocketAgreement, WebSocketDeflate?)
        case failed(DialError)
    }

    private static let refusalBytes = 2 << 10
    let dial: WebSocketDial
    private var parser = HTTPResponseParser(requestMethod: "GET")
    private var refusal: (status: Int, retryAfterSeconds: Int?)?
    private var body: [UInt8] = []

    init(_ dial: WebSocketDial) { self.dial = dial }

    /// Reads the server's answer. After `.opened` what remains of the input is frames.
    func read(_ input: inout InputCursor) -> Outcome {
        do throws(HTTPError) {
            while let event = try parser.next(&input) {
                switch event {
                case .head(let head):
                    if head.isInterim { continue }
                    if head.status == 101 { return judge(head) }
                    refusal = (head.status, head.headers["retry-after"].flatMap { Int($0) })
                case .body(let bytes):
                    body.append(contentsOf: bytes.prefix(Self.refusalBytes - body.count))
                    if body.count >= Self.refusalBytes, let failure = refused() { return .failed(failure) }
                case .end:
                    if let failure = refused() { return .failed(failure) }
                }
            }
            return .undecided
        } catch {
            return .failed(refused() ?? .badResponse(error))
        }
    }

    /// The refusal as far as it has been read; nil when there is none.
    func refused() -> DialError? {
        guard let refusal else { return nil }
        return .refused(
            HandshakeRefusal(
                status: refusal.status, retryAfterSeconds: refusal.retryAfterSeconds,
                body: String(decoding: body, as: UTF8.self)))
    }

    private func judge(_ head: HTTPResponseHead) -> Outcome {
        do throws(WebSocketHandshakeError) {
            let offered = dial.request.offersDeflate ? [WebSocketDeflate.name] : []
            let agreement = try WebSocketHandshake.verify(
                head, key: dial.key, subprotocols: dial.request.subprotocols, extensions: offered)
            return .opened(agreement, try WebSocketDeflate.agreed(by: agreement.extensions))
        } catch {
            return .failed(.badHandshake(error))
        }
    }
}
