public import Bytes
public import Reactor
public import Web

/// One WebSocket connection, client's side. Made by a ``WebSocketDialer``; all members belong to its loop.
///
/// `Channel`'s own `send` and `writeNow` are not for it: they would break the framing.
public final class WebSocketClient: Channel {
    private enum Stage: UInt8 {
        case opening, open
        /// Our close frame is sent, the peer's awaited.
        case closing
        /// Both close frames are through (or the connection is given up): only the end of the stream is awaited.
        case done
    }

    /// The delegate's own number for the connection, from its dial.
    public let tag: UInt64
    private var stage = Stage.opening
    private var awaitsAnswer = false
    private var opening: WebSocketOpening?
    private var delegate: (any WebSocketClientDelegate)?
    private var ending: WebSocketEnding?
    private var receiver: WebSocketReceiver
    private let masks: MaskSource
    private let inflater: WebSocketInflater
    private let compressors: CompressorSet
    /// Compresses long messages once that is agreed upon.
    private var compressor: WebSocketCompressor?
    private let heartbeat: Heartbeat?
    private let closeTimeoutMilliseconds: Int
    private let sendLimit: Int
    private var nextPing: UInt64 = 0
    /// When the heartbeat's pings that no pong has answered yet were sent, oldest first.
    private var unansweredPings: [UInt64] = []
    /// When the newest of the heartbeat's pings that a pong has answered was sent, in monotonic nanoseconds; 0 before
    /// the first. Whoever answered it was there then, or later.
    public private(set) var answeredPingNanoseconds: UInt64 = 0

    /// Pings whose pongs are waited for. Other traffic keeps a connection alive while pongs are late.
    private static let unansweredPingLimit = 8
    /// Room above the limit for pongs and the close frame.
    private static let controlRoom = 4096

    init(fileDescriptor: Int32, dial: WebSocketDial, dialer: WebSocketDialer) {
        tag = dial.tag
        opening = WebSocketOpening(dial)
        masks = dialer.masks
        inflater = dialer.inflater
        compressors = dialer.compressors
        let request = dial.request
        heartbeat = request.heartbeat
        closeTimeoutMilliseconds = request.closeTimeoutMilliseconds
        sendLimit = request.queueByteLimit
        receiver = WebSocketReceiver(
            role: .client, maximumMessageBytes: request.maximumMessageBytes,
            maximumFragments: request.maximumFragments)
        super.init(fileDescriptor: fileDescriptor)
        queueByteLimit = UInt32(clamping: request.queueByteLimit + Self.controlRoom)
    }

    /// Whether messages can be sent.
    public var isOpen: Bool { stage == .open && !isClosed }

    /// Payload that one received message may have.
    public var maximumMessageBytes: Int {
        get { receiver.maximumMessageBytes }
        set { receiver.maximumMessageBytes = newValue }
    }

    // MARK: Sending

    /// Sends a text message, which must be UTF-8. False, and nothing is sent, when the connection is not open or the
    /// queue has no room for it now.
    @discardableResult
    public func send(text: UnsafeRawBufferPointer) -> Bool { sendMessage(.text, text) }

    /// As ``send(text:)-(UnsafeRawBufferPointer)``.
    @discardableResult
    public func send(text: ByteBuffer) -> Bool { text.withBytes { sendMessage(.text, $0) } }

    /// As ``send(text:)-(UnsafeRawBufferPointer)``.
    @discardableResult
    public func send(text: String) -> Bool {
        var text = text
        return text.withUTF8 { sendMessage(.text, UnsafeRawBufferPointer($0)) }
    }

    /// Sends a binary message, as ``send(text:)-(UnsafeRawBufferPointer)`` does a text.
    @discardableResult
    public func send(binary: UnsafeRawBufferPointer) -> Bool { sendMessage(.binary, binary) }

    /// Sends a ping of at most 125 bytes, whatever the heartbeat does.
    @discardableResult
    public func ping(_ payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) -> Bool {
        precondition(payload.count <= WebSocketFrame.maximumControlByteCount)
        return sendMessage(.ping, payload)
    }

    /// Begins the close handshake; its end is reported as every end is. Messages that come meanwhile are delivered.
    public func finish(code: UInt16 = WebSocketCloseCode.normal, reason: String = "") {
        guard stage == .open, !isClosed else { return }
        stage = .closing
        sendClose(code: code, reason: reason)
        deadline = loop.now &+ UInt64(closeTimeoutMilliseconds) &* 1_000_000
    }

    private func sendMessage(_ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard stage == .open, !isClosed,
            queuedByteCount + payload.count + WebSocketFrame.maximumHeaderByteCount <= sendLimit
        else { return false }
        return sendFrame(opcode, payload)
    }

    @discardableResult
    private func sendFrame(_ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer) -> Bool {
        var frame = masks.take()
        var packed = ByteBuffer()
        if !opcode.isControl, compressor?.compress(payload, into: &packed) == true {
            packed.withBytes {
                WebSocketFrame.append(opcode: opcode, rsv1: true, payload: $0, mask: masks.next(), into: &frame)
            }
        } else {
            WebSocketFrame.appendClient(opcode: opcode, payload: payload, mask: masks.next(), into: &frame)
        }
        let isTaken = send(frame)
        masks.putBack(&frame)
        return isTaken
    }

    private func sendClose(code: UInt16?, reason: String) {
        var frame = ByteBuffer()
        WebSocketFrame.appendClose(code: code, reason: reason, mask: masks.next(), into: &frame)
        send(frame)
    }

    // MARK: Receiving

    /// Reads the handshake's answer, then frames.
    public override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        if awaitsAnswer {
            awaitsAnswer = false
            if stage == .open { deadline = nextPing }
        }
        var input = InputCursor(bytes)
        if stage == .opening && !readOpening(&input) { return }
        do throws(WebSocketError) {
            while !isClosed, stage != .done, let event = try receiver.next(&input) { handle(event) }
        } catch {
            breakOff(
                .protocolBroken(closeCode: error.closeCode, reason: error.reason.description),
                closeCode: error.closeCode)
        }
    }

    /// True when the connection is open and the input may hold frames.
    private func readOpening(_ input: inout InputCursor) -> Bool {
        guard let opening else { return false }
        switch opening.read(&input) {
        case .undecided:
            return false
        case .failed(let error):
            end(.failed(error))
            return false
        case .opened(let agreement, let deflate):
            stage = .open
            if let deflate {
                receiver.inflater = inflater
                compressor = compressors.compressor(windowBits: deflate.windowBits)
            }
            self.opening = nil
            delegate = opening.dial.opened()
            deadline = 0
            if let heartbeat {
                nextPing = loop.now &+ UInt64(heartbeat.intervalMilliseconds) &* 1_000_000
                deadline = nextPing
            }
            delegate?.webSocketOpened(self, agreement: agreement)
            return true
        }
    }

    private func handle(_ event: WebSocketEvent) {
        switch event {
        case .text(let bytes): delegate?.webSocket(self, text: bytes)
        case .binary(let bytes): delegate?.webSocket(self, binary: bytes)
        case .pong(let bytes):
            note(pong: bytes)
            delegate?.webSocket(self, pong: bytes)
        case .ping(let bytes):
            if stage == .open { sendFrame(.pong, bytes) }
        case .close(let code, let reason):
            ending = .closed(code: code, reason: String(decoding: reason, as: UTF8.self))
            if stage == .open { sendClose(code: code, reason: "") }
            // The server ends the stream (RFC 6455 §7.1.1); a deadline stands in for one that does not.
            stage = .done
            if !isClosed { deadline = loop.now &+ UInt64(closeTimeoutMilliseconds) &* 1_000_000 }
        }
    }

    // MARK: Ends

    /// Nothing can be said to a server that has ended the stream.
    public override func endOfStream() { close(.endOfStream) }

    /// The handshake, the next ping, its answer or the close was due.
    public override func deadlineReached() {
        switch stage {
        case .opening:
            end(.failed(opening?.refused() ?? .timedOut))
        case .closing:
            end(.failed(.timedOut))
        case .done:
            close(.local)
        case .open:
            beat()
        }
    }

    /// Sends the next ping, or finds that the last one brought nothing.
    private func beat() {
        guard let heartbeat else { return }
        if awaitsAnswer { return end(.failed(.unresponsive)) }
        awaitsAnswer = true
        nextPing = loop.now &+ UInt64(heartbeat.intervalMilliseconds) &* 1_000_000
        deadline = loop.now &+ UInt64(heartbeat.answerMilliseconds) &* 1_000_000
        // The time comes back in the pong, and tells which ping it answers: a late one never passes for a newer one's.
        let sentAt = loop.now
        if unansweredPings.count == Self.unansweredPingLimit { unansweredPings.removeFirst() }
        unansweredPings.append(sentAt)
        withUnsafeBytes(of: sentAt.bigEndian) { _ = sendFrame(.ping, $0) }
    }

    private func note(pong bytes: UnsafeRawBufferPointer) {
        guard bytes.count == MemoryLayout<UInt64>.size else { return }
        let sentAt = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        // Only what was asked is answered: no peer can name a time of its own.
        guard let place = unansweredPings.firstIndex(of: sentAt) else { return }
        unansweredPings.removeFirst(place + 1)
        answeredPingNanoseconds = sentAt
    }

    /// Not even a pong finds room: the peer does not read what it asks for.
    public override func queueOverflowed() { end(.failed(.queueOverflow)) }

    /// Tells the peer what it did wrong and ends; what it still sends is dropped.
    private func breakOff(_ error: DialError, closeCode: UInt16) {
        if isClosed { return }
        ending = .failed(error)
        if stage == .open { sendClose(code: closeCode, reason: "") }
        stage = .done
        if !isClosed { closeAfterFlush(timeoutMilliseconds: closeTimeoutMilliseconds) }
    }

    private func end(_ ending: WebSocketEnding) {
        self.ending = ending
        close(.local)
    }

    /// Reports the end.
    public override func closed(_ cause: CloseCause) {
        let wasOpening = stage == .opening
        stage = .done
        let ending = self.ending ?? .failed(Self.error(for: cause))
        if wasOpening, let opening {
            self.opening = nil
            let error: DialError = if case .failed(let error) = ending { error } else { .endedEarly }
            opening.dial.failed(opening.refused() ?? error)
        } else {
            let delegate = self.delegate
            self.delegate = nil
            delegate?.webSocketEnded(self, ending: ending)
        }
    }

    private static func error(for cause: CloseCause) -> DialError {
        switch cause {
        case .local, .loopClosed: .cancelled
        case .endOfStream: .endedEarly
        case .failed(let error): .unreachable(error)
        case .tls(let error): .tls(error)
        case .deadline: .timedOut
        case .queueOverflow: .queueOverflow
        }
    }
}
