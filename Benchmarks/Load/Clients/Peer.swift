internal import Bytes
internal import Reactor
internal import Web

/// One WebSocket connection of the generator: opens it, answers pings, and hands each message to its subclass.
class Peer: Channel {
    private var parser: HTTPResponseParser? = HTTPResponseParser()
    private var key = ""
    private var subprotocols: [String] = []
    private var scanner = FrameScanner()
    private unowned let crowd: Crowd
    private var isReady = false
    private var offersDeflate = false
    /// What a refusal of the handshake asked to wait, in seconds.
    private(set) var retryAfterSeconds: Int?

    init(fileDescriptor: Int32, crowd: Crowd) {
        self.crowd = crowd
        super.init(fileDescriptor: fileDescriptor)
    }

    /// Sends the request that opens the WebSocket.
    ///
    /// - Parameter deflate: whether compressed messages are offered, which go to ``compressedMessage(_:)``.
    final func open(path: String, host: String, subprotocols: [String] = [], deflate: Bool = false) {
        self.subprotocols = subprotocols
        offersDeflate = deflate
        var entropy: [UInt8] = []
        for _ in 0..<2 { withUnsafeBytes(of: crowd.masks.next()) { entropy.append(contentsOf: $0) } }
        key = crowd.fixedKey ?? WebSocketHandshake.key(entropy: entropy)
        let request = WebSocketHandshake.clientRequest(
            host: host, path: path, key: key, subprotocols: subprotocols,
            extensions: deflate ? WebSocketDeflate.offer : nil)
        request.withBytes { _ = send($0) }
    }

    // MARK: What a subclass does

    /// The connection speaks WebSocket; the default is ready at once.
    func opened() { ready() }

    /// One text or binary message, which lives during the call only.
    func message(_ bytes: UnsafeRawBufferPointer) {}

    /// One compressed message, as it came.
    func compressedMessage(_ bytes: UnsafeRawBufferPointer) { fail("a compressed message that nobody expects") }

    /// The answer to a ping of ours.
    func pong() {}

    /// The connection ended otherwise than by us; the default makes the run worth nothing.
    func lost(_ reason: String) { crowd.failed(reason) }

    /// Called before the frames of one read.
    func readBegins() {}

    /// The connection may take part in the measurement.
    final func ready() {
        precondition(!isReady, "a connection becomes ready once")
        isReady = true
        crowd.isReady(self)
    }

    /// The server did what it must not; the run is worth nothing.
    final func fail(_ reason: String) {
        crowd.failed(reason)
        close(.local)
    }

    // MARK: Frames

    /// Queues one masked frame.
    final func sendFrame(_ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer) {
        crowd.scratch.removeAll(keepingCapacity: true)
        WebSocketFrame.appendClient(
            opcode: opcode, payload: payload, mask: UInt32(truncatingIfNeeded: crowd.masks.next()),
            into: &crowd.scratch)
        crowd.scratch.withBytes { _ = send($0) }
    }

    /// Queues a text message.
    final func sendText(_ text: ByteBuffer) { text.withBytes { sendFrame(.text, $0) } }

    override final func received(_ bytes: UnsafeMutableRawBufferPointer) {
        var rest = UnsafeRawBufferPointer(bytes)
        if parser != nil {
            var input = InputCursor(bytes)
            guard readResponse(&input) else { return }
            rest = UnsafeRawBufferPointer(input.remaining)
        }
        readBegins()
        while !isClosed {
            switch scanner.next(&rest) {
            case .frame(let opcode, let payload):
                if opcode <= 2 {
                    message(payload)
                } else if opcode & FrameScanner.compressedBit != 0, offersDeflate {
                    compressedMessage(payload)
                } else {
                    control(opcode, payload)
                }
            case .none: return
            case .fault: return fail("a frame that no server should send here")
            }
        }
    }

    private func control(_ opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
        switch WebSocketOpcode(rawValue: opcode) {
        case .ping: sendFrame(.pong, payload)
        case .pong: pong()
        case .close:
            let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005
            close(.local)
            lost("closed by the server with code \(code)")
        default: fail("a frame with opcode \(opcode)")
        }
    }

    /// Reads the answer to ``open(path:host:subprotocols:)``; true once the frames begin.
    private func readResponse(_ input: inout InputCursor) -> Bool {
        do {
            guard case .head(let head) = try parser?.next(&input) else { return false }
            if head.status != 101 { retryAfterSeconds = head.headers["retry-after"].flatMap { Int($0) } }
            let agreement = try WebSocketHandshake.verify(
                head, key: key, subprotocols: subprotocols, extensions: offersDeflate ? [WebSocketDeflate.name] : [])
            if offersDeflate, agreement.extensions.isEmpty { throw RunFailure("the server does not compress") }
        } catch {
            close(.local)
            lost("the handshake failed: \(error)")
            return false
        }
        parser = nil
        key = ""
        opened()
        return !isClosed
    }

    override final func closed(_ cause: CloseCause) {
        switch cause {
        case .local, .loopClosed: break
        case .endOfStream, .deadline, .queueOverflow, .failed, .tls: lost("a connection was lost: \(cause)")
        }
    }
}
