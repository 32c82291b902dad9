import Bytes
import Web

extension FuzzTarget {
    /// The receiver in both roles: the same events however the bytes are cut, within limits, and what it has
    /// understood can be sent on and is understood alike.
    static let webSocket = FuzzTarget("websocket") { input in
        for role in [WebSocketRole.server, .client] { try checkFrames(input, role: role, inflater: nil) }
    }

    /// The same with compression agreed upon; and a message that is compressed is inflated to what it was.
    static let webSocketDeflate = FuzzTarget("websocket-deflate") { input in
        let inflater = WebSocketInflater()
        for role in [WebSocketRole.server, .client] { try checkFrames(input, role: role, inflater: inflater) }
        guard input.count <= WebSocketRun.messageBytes else { return }
        let message = WebSocketTrace(events: [.message(isText: false, [UInt8](input))])
        let received = try message.resent(from: .server, inflater: inflater)
        try require(received == message, "\(message) was compressed to \(received)")
    }

    private static func checkFrames(
        _ input: UnsafeRawBufferPointer, role: WebSocketRole, inflater: WebSocketInflater?
    ) throws {
        let whole = try WebSocketRun.trace(input, .whole, role: role, inflater: inflater)
        for cutting in [Cutting.bytes, .scattered] {
            let other = try WebSocketRun.trace(input, cutting, role: role, inflater: inflater)
            try require(other == whole, "\(role) cut into \(cutting): \(other), but whole: \(whole)")
        }
        let resent = try whole.resent(from: role, inflater: inflater)
        try require(resent.events == whole.events && resent.failure == nil, "\(whole.events) became \(resent)")
    }
}
