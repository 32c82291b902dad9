import Bytes

/// The receiving half of a WebSocket connection (RFC 6455): bytes in, whole messages and control frames out.
///
/// Call ``next(_:)`` until it answers `nil`; then it has used the input up. What it answers lies in the input where it
/// can, unmasked in place, so that a message which arrives whole is never copied. Only the parts of an unfinished frame
/// or message are kept, on the heap; a connection between two messages has nothing there.
///
/// Texts are checked as their bytes arrive and fail at the first byte that cannot be UTF-8. Compressed messages are
/// kept as they came until they are whole, and both their forms are held to the limit. An error is final: send a
/// close frame with its code and close the socket. After an error, or after the peer's close frame, input is discarded.
///
/// A copy of a receiver shares its unfinished message: keep one value per connection.
public struct WebSocketReceiver {
    /// The room that an unfinished frame or message takes; `nil` when there is none.
    private var assembly: WebSocketAssembly?
    private var messageLimit: Int
    private let fragmentLimit: UInt32
    private let role: WebSocketRole
    /// Whether the peer has closed or failed.
    public private(set) var hasEnded = false
    /// Whether the message answered last lies in the inflater.
    private var isInflated = false
    /// What inflates compressed messages, once permessage-deflate is agreed upon (RFC 7692); `nil`, which it is at
    /// first, forbids them. Receivers of one thread share one.
    public var inflater: WebSocketInflater?

    /// A receiver at the start of a connection, `role` being our own.
    ///
    /// - Parameters:
    ///   - maximumMessageBytes: the payload of one message, its fragments together.
    ///   - maximumFragments: the frames of one message, empty ones included; at least 1.
    public init(role: WebSocketRole, maximumMessageBytes: Int, maximumFragments: Int) {
        precondition(maximumMessageBytes >= 0 && maximumFragments >= 1)
        self.role = role
        messageLimit = maximumMessageBytes
        fragmentLimit = UInt32(clamping: maximumFragments)
    }

    /// The payload that one message may have, its fragments together. Raise it once the peer has authenticated; a frame
    /// whose header has been read keeps the limit that it was read under.
    public var maximumMessageBytes: Int {
        get { messageLimit }
        set {
            precondition(newValue >= 0)
            messageLimit = newValue
        }
    }

    /// The bytes held of an unfinished frame or message; the memory behind them is at most twice that and 1 KiB.
    public var pendingByteCount: Int { assembly?.byteCount ?? 0 }

    /// Whether a frame or a message has begun and is not complete: what a deadline on its assembly should watch.
    public var isWithinMessage: Bool { assembly.map { !$0.isIdle } ?? false }

    /// When the unfinished frame or message was first seen by this very method; `nil` when there is none.
    ///
    /// Call it with a clock's time whenever the input is used up: a receiver has no clock of its own.
    public func begin(at now: UInt64) -> UInt64? {
        guard let assembly, !assembly.isIdle else { return nil }
        if assembly.begunAt == 0 { assembly.begunAt = now }
        return assembly.begunAt
    }

    /// The next event; `nil` when the input is used up.
    public mutating func next(_ input: inout InputCursor) throws(WebSocketError) -> WebSocketEvent? {
        // Without anything unfinished and with a whole frame in the input, which is nearly always, this is all.
        if assembly == nil, !hasEnded, !input.isEmpty {
            do throws(WebSocketError) {
                if let header = try WebSocketFrameHeader(input.bytes, in: context),
                    header.isFinal, input.remaining.count - header.byteCount >= header.payloadCount
                {
                    return try deliver(header, &input)
                }
            } catch {
                throw end(error)
            }
        }
        return try assemble(&input)
    }

    // MARK: Whole frames

    /// The state by which the next header is judged.
    private var context: WebSocketFrameHeader.Context {
        WebSocketFrameHeader.Context(
            role: role, permitsRSV1: inflater != nil, isWithinMessage: assembly?.opcode != nil,
            roomBytes: messageLimit - (assembly?.messageByteCount ?? 0),
            roomFragments: Int(fragmentLimit) - (assembly?.fragments ?? 0))
    }

    /// Answers a frame that lies whole in the input and is a control frame or a whole message.
    private mutating func deliver(
        _ header: WebSocketFrameHeader, _ input: inout InputCursor
    ) throws(WebSocketError) -> WebSocketEvent {
        input.advance(header.byteCount)
        let payload = input.take(header.payloadCount)
        let isASCII = role == .server && WebSocketMask.apply(header.key, to: payload)
        let bytes = UnsafeRawBufferPointer(payload)
        switch header.opcode {
        case .text, .binary, .continuation:
            if header.rsv1 { return try inflate(bytes, isText: header.opcode == .text) }
            guard header.opcode == .text else { return .binary(bytes) }
            guard isASCII || UTF8Validator.isValid(bytes) else { throw .invalidText }
            return .text(bytes)
        case .close, .ping, .pong:
            return try control(header.opcode, bytes)
        }
    }

    /// Answers a whole compressed message.
    @inline(never)
    private mutating func inflate(
        _ payload: UnsafeRawBufferPointer, isText: Bool
    ) throws(WebSocketError) -> WebSocketEvent {
        guard let inflater else { preconditionFailure("a compressed message was let in") }
        isInflated = true
        let bytes = try inflater.inflate(payload, limit: messageLimit, isText: isText)
        return isText ? .text(bytes) : .binary(bytes)
    }

    private mutating func control(
        _ opcode: WebSocketOpcode, _ bytes: UnsafeRawBufferPointer
    ) throws(WebSocketError) -> WebSocketEvent {
        switch opcode {
        case .ping: return .ping(bytes)
        case .pong: return .pong(bytes)
        default: break
        }
        guard let high = bytes.first else {
            hasEnded = true
            return .close(code: nil, reason: bytes)
        }
        guard bytes.count >= 2 else { throw .protocolError("close code cut short") }
        let code = UInt16(high) << 8 | UInt16(bytes[1])
        guard WebSocketCloseCode.mayBeSent(code) else { throw .protocolError("invalid close code") }
        let reason = UnsafeRawBufferPointer(rebasing: bytes[2...])
        guard UTF8Validator.isValid(reason) else { throw .invalidText }
        hasEnded = true
        return .close(code: code, reason: reason)
    }

    // MARK: Pieces

    /// What is left to do when something is unfinished, or the input ends within a frame.
    @inline(never)
    private mutating func assemble(_ input: inout InputCursor) throws(WebSocketError) -> WebSocketEvent? {
        // What was answered last may have lain in there, so only now may it go.
        if let assembly, assembly.isIdle || hasEnded { self.assembly = nil }
        if isInflated {
            isInflated = false
            inflater?.trim()
        }
        guard !hasEnded else {
            input.discard()
            return nil
        }
        do throws(WebSocketError) {
            while !input.isEmpty || assembly?.frame?.payloadCount == 0 {
                if let event = try step(&input) { return event }
            }
            return nil
        } catch {
            throw end(error)
        }
    }

    /// Reads one header or one piece of payload.
    private mutating func step(_ input: inout InputCursor) throws(WebSocketError) -> WebSocketEvent? {
        if let assembly, var frame = assembly.frame {
            let count = min(frame.payloadCount, input.remaining.count)
            try keep(input.take(count), of: &frame, in: assembly)
            assembly.frame = frame.payloadCount == 0 ? nil : frame
            return frame.payloadCount == 0 ? try finish(frame, in: assembly) : nil
        }
        guard let header = try readHeader(&input) else { return nil }
        let isWhole = input.remaining.count >= header.payloadCount
        if isWhole, header.opcode.isControl || (header.isFinal && header.opcode != .continuation) {
            // Its header may have been gathered, but its payload can be used where it lies.
            var whole = header
            whole.byteCount = 0
            return try deliver(whole, &input)
        }
        begin(header)
        return nil
    }

    /// The next header, its bytes stepped over; `nil` when the input ends within it, which is then kept.
    private mutating func readHeader(_ input: inout InputCursor) throws(WebSocketError) -> WebSocketFrameHeader? {
        let context = context
        if (assembly?.headerCount ?? 0) == 0, let header = try WebSocketFrameHeader(input.bytes, in: context) {
            input.advance(header.byteCount)
            return header
        }
        let assembly = ensureAssembly()
        while let byte = input.bytes.first {
            input.advance(1)
            let header = try assembly.gather(byte) { (bytes) throws(WebSocketError) in
                try WebSocketFrameHeader(bytes, in: context)
            }
            if let header {
                assembly.clearHeader()
                return header
            }
        }
        return nil
    }

    private mutating func ensureAssembly() -> WebSocketAssembly {
        if let assembly { return assembly }
        let created = WebSocketAssembly()
        assembly = created
        return created
    }

    /// Begins a frame whose payload is kept as it arrives.
    private mutating func begin(_ header: WebSocketFrameHeader) {
        let assembly = ensureAssembly()
        assembly.frame = header
        guard !header.opcode.isControl else { return }
        assembly.fragments += 1
        if header.opcode != .continuation {
            assembly.opcode = header.opcode
            assembly.rsv1 = header.rsv1
        }
    }

    /// Unmasks, checks and keeps the next piece of a frame's payload.
    private func keep(
        _ piece: UnsafeMutableRawBufferPointer, of frame: inout WebSocketFrameHeader, in assembly: WebSocketAssembly
    ) throws(WebSocketError) {
        let isASCII = role == .server && WebSocketMask.apply(frame.key, to: piece)
        frame.key = WebSocketMask.advanced(frame.key, by: piece.count)
        frame.payloadCount -= piece.count
        if !frame.opcode.isControl, assembly.opcode == .text, !assembly.rsv1 {
            let isValid =
                isASCII && assembly.text.isComplete || assembly.text.feed(UnsafeRawBufferPointer(piece))
            guard isValid else { throw .invalidText }
        }
        assembly.keep(piece, of: frame)
    }

    /// Answers what the frame that has just become complete completes.
    private mutating func finish(
        _ frame: WebSocketFrameHeader, in assembly: WebSocketAssembly
    ) throws(WebSocketError) -> WebSocketEvent? {
        if frame.opcode.isControl { return try control(frame.opcode, assembly.finishControl()) }
        guard frame.isFinal else { return nil }
        guard assembly.text.isComplete else { throw .invalidText }
        let isText = assembly.opcode == .text
        let isCompressed = assembly.rsv1
        let bytes = assembly.finishMessage()
        if isCompressed { return try inflate(bytes, isText: isText) }
        return isText ? .text(bytes) : .binary(bytes)
    }

    private mutating func end(_ error: WebSocketError) -> WebSocketError {
        hasEnded = true
        assembly = nil
        if isInflated { inflater?.trim() }
        return error
    }
}
