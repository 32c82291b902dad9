import Bytes
import Web

extension FuzzTarget {
    /// The receiver in both roles: the same events however the bytes are cut, within limits, and what it has
    /// understood can be sent on and is understood alike.
    static let webSocket = FuzzTarget("websocket") { input in
        for role in [WebSocketRole.server, .client] {
            let whole = try WebSocketRun.trace(input, .whole, role: role)
            for cutting in [Cutting.bytes, .scattered] {
                let other = try WebSocketRun.trace(input, cutting, role: role)
                try require(other == whole, "\(role) cut into \(cutting): \(other), but whole: \(whole)")
            }
            let resent = try whole.resent(from: role)
            try require(resent.events == whole.events && resent.failure == nil, "\(whole.events) became \(resent)")
        }
    }
}

/// What a receiver made of an input, in a form that can be compared.
private struct WebSocketTrace: Equatable {
    enum Event: Equatable {
        case message(isText: Bool, [UInt8])
        case control(WebSocketOpcode, [UInt8])
        case close(UInt16?, [UInt8])
    }

    var events: [Event] = []
    /// The close code and the sentence of the error that ended it.
    var failure: String?
    /// Whether a message has begun and is not complete, and how much of it is held.
    var isWithin = false
    var pendingBytes = 0

    /// What a receiver of `role` makes of the events, sent anew in frames of their own.
    func resent(from role: WebSocketRole) throws -> WebSocketTrace {
        // A server understands what clients send, masked, and the other way round.
        let mask: UInt32? = role == .server ? 0xA1B2_C3D4 : nil
        var buffer = ByteBuffer()
        for event in events {
            switch event {
            case .message(let isText, let bytes):
                bytes.withUnsafeBytes {
                    WebSocketFrame.append(opcode: isText ? .text : .binary, payload: $0, mask: mask, into: &buffer)
                }
            case .control(let opcode, let bytes):
                bytes.withUnsafeBytes {
                    WebSocketFrame.append(opcode: opcode, payload: $0, mask: mask, into: &buffer)
                }
            case .close(let code, let reason):
                WebSocketFrame.appendClose(
                    code: code, reason: String(decoding: reason, as: UTF8.self), mask: mask, into: &buffer)
            }
        }
        return try buffer.withBytes { try WebSocketRun.trace($0, .whole, role: role) }
    }
}

/// One connection's frames, checked as they come.
private struct WebSocketRun {
    // Small enough for a fuzzer to reach them.
    private static let messageBytes = 300
    private static let fragments = 6

    private var receiver: WebSocketReceiver
    private var seen = WebSocketTrace()

    static func trace(
        _ input: UnsafeRawBufferPointer, _ cutting: Cutting, role: WebSocketRole
    ) throws -> WebSocketTrace {
        var run = WebSocketRun(
            receiver: WebSocketReceiver(role: role, maximumMessageBytes: messageBytes, maximumFragments: fragments))
        try cutting.forEach(input) { try run.take($0) }
        run.seen.isWithin = run.receiver.isWithinMessage
        // What was answered last may still be held; between messages that says nothing.
        run.seen.pendingBytes = run.seen.isWithin ? run.receiver.pendingByteCount : 0
        return run.seen
    }

    private mutating func take(_ piece: UnsafeMutableRawBufferPointer) throws {
        var cursor = InputCursor(piece)
        do {
            while let event = try receiver.next(&cursor) {
                try require(seen.failure == nil, "events after an error")
                try note(event)
            }
            try require(cursor.isEmpty, "input was left over")
            let most =
                Self.messageBytes + WebSocketFrame.maximumControlByteCount + WebSocketFrame.maximumHeaderByteCount
            try require(receiver.pendingByteCount <= most, "\(receiver.pendingByteCount) bytes are held")
        } catch let error as WebSocketError {
            try require(seen.failure == nil, "an error after an error")
            try require(receiver.hasEnded, "an error that is not final")
            try require([1002, 1007, 1009].contains(error.closeCode), "close code \(error.closeCode)")
            seen.failure = "\(error.closeCode) \(error.reason)"
        }
    }

    private mutating func note(_ event: WebSocketEvent) throws {
        if case .close? = seen.events.last { throw FuzzFinding("events after a close") }
        switch event {
        case .text(let bytes):
            let text = [UInt8](bytes)
            try require(String(validating: text, as: UTF8.self) != nil, "a text that is not UTF-8")
            try note(message: text, isText: true)
        case .binary(let bytes): try note(message: [UInt8](bytes), isText: false)
        case .ping(let bytes): try note(control: .ping, [UInt8](bytes))
        case .pong(let bytes): try note(control: .pong, [UInt8](bytes))
        case .close(let code, let bytes):
            let reason = [UInt8](bytes)
            try require(reason.count <= WebSocketFrame.maximumReasonByteCount, "a reason beyond its limit")
            try require(String(validating: reason, as: UTF8.self) != nil, "a reason that is not UTF-8")
            seen.events.append(.close(code, reason))
        }
    }

    private mutating func note(message: [UInt8], isText: Bool) throws {
        try require(message.count <= Self.messageBytes, "a message beyond its limit")
        seen.events.append(.message(isText: isText, message))
    }

    private mutating func note(control opcode: WebSocketOpcode, _ bytes: [UInt8]) throws {
        try require(bytes.count <= WebSocketFrame.maximumControlByteCount, "a control frame beyond its limit")
        seen.events.append(.control(opcode, bytes))
    }
}
