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

    init(fileDescriptor: Int32, crowd: Crowd) {
        self.crowd = crowd
        super.init(fileDescriptor: fileDescriptor)
    }

    /// Sends the request that opens the WebSocket.
    final func open(path: String, host: String, subprotocols: [String] = []) {
        self.subprotocols = subprotocols
        var entropy: [UInt8] = []
        for _ in 0..<2 { withUnsafeBytes(of: crowd.masks.next()) { entropy.append(contentsOf: $0) } }
        key = WebSocketHandshake.key(entropy: entropy)
        let request = WebSocketHandshake.clientRequest(host: host, path: path, key: key, subprotocols: subprotocols)
        request.withBytes { _ = send($0) }
    }

    // MARK: What a subclass does

    /// The connection speaks WebSocket; the default is ready at once.
    func opened() { ready() }

    /// One text or binary message, which lives during the call only.
    func message(_ bytes: UnsafeRawBufferPointer) {}

    /// The answer to a ping of ours.
    func pong() {}

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
                if opcode <= 2 { message(payload) } else { control(opcode, payload) }
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
            fail("closed by the server with code \(code)")
        default: fail("a frame with opcode \(opcode)")
        }
    }

    /// Reads the answer to ``open(path:host:subprotocols:)``; true once the frames begin.
    private func readResponse(_ input: inout InputCursor) -> Bool {
        do {
            guard case .head(let head) = try parser?.next(&input) else { return false }
            _ = try WebSocketHandshake.verify(head, key: key, subprotocols: subprotocols)
        } catch {
            fail("the handshake failed: \(error)")
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
        case .endOfStream, .deadline, .queueOverflow, .failed, .tls: crowd.failed("a connection was lost: \(cause)")
        }
    }
}
