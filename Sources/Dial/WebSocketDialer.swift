import Bytes
public import Reactor
import Web

/// Opens WebSocket connections on one loop.
public final class WebSocketDialer {
    let loop: EventLoop
    let hosts: HostDialer
    let security: ClientSecurity
    let masks = MaskSource()
    let inflater = WebSocketInflater()
    let compressors = CompressorSet()

    /// A dialer of `loop`; make and use it on the loop's thread.
    ///
    /// - Parameter tls: whom to believe, and who to be, where a URL asks for TLS; nil believes the machine's own store.
    public init(on loop: EventLoop, tls: TLSContext? = nil) {
        self.loop = loop
        hosts = HostDialer(on: loop)
        security = ClientSecurity(tls)
    }

    /// Believes and is somebody else from the next dial on; connections that stand go on.
    public func use(_ tls: TLSContext) { security.use(tls) }

    /// Dials no more. Open clients live on; dials that are not open yet should be cancelled by whoever began them.
    /// Call it before the loop is closed.
    public func close() { hosts.close() }

    /// Begins to open a connection. `delegate` hears of it in a later turn; `tag` is for its own use.
    @discardableResult
    public func dial(
        _ request: WebSocketRequest, tag: UInt64 = 0, delegate: any WebSocketClientDelegate
    ) -> WebSocketDial {
        let dial = WebSocketDial(request, tag: tag, delegate: delegate)
        dial.begin(with: self)
        return dial
    }
}

/// One attempt to open a connection.
public final class WebSocketDial {
    /// What was asked for.
    public let request: WebSocketRequest
    /// The delegate's own number for it.
    public let tag: UInt64
    private var delegate: (any WebSocketClientDelegate)?
    private var host: HostDial?
    private var client: WebSocketClient?
    /// Lazily made: the handshake's secret.
    private(set) var key = ""

    init(_ request: WebSocketRequest, tag: UInt64, delegate: any WebSocketClientDelegate) {
        self.request = request
        self.tag = tag
        self.delegate = delegate
    }

    /// Gives up; nothing is reported any more. Does nothing once the connection is open or has failed.
    public func cancel() {
        guard delegate != nil else { return }
        delegate = nil
        host?.cancel()
        host = nil
        client?.close(.local)
        client = nil
    }

    func begin(with dialer: WebSocketDialer) {
        let deadline =
            Clock.monotonicNanoseconds() &+ UInt64(request.openTimeoutMilliseconds) &* 1_000_000
        let destination = Destination(
            host: request.url.host, port: request.url.port, unixPath: request.unixPath)
        host = dialer.hosts.open(destination, deadline: deadline) { [self] result in
            host = nil
            switch result {
            case .failure(let error): failed(error)
            case .success(let descriptor): connected(descriptor, dialer: dialer, deadline: deadline)
            }
        }
    }

    private func connected(_ descriptor: Int32, dialer: WebSocketDialer, deadline: UInt64) {
        key = WebSocketHandshake.key(entropy: dialer.masks.keyBytes())
        let client = WebSocketClient(fileDescriptor: descriptor, dial: self, dialer: dialer)
        self.client = client
        client.deadline = deadline
        dialer.security.secure(client, for: request.url)
        dialer.loop.adopt(client)
        client.send(
            WebSocketHandshake.clientRequest(
                host: request.url.hostField, path: request.url.target, key: key,
                subprotocols: request.subprotocols, headers: request.headers,
                extensions: request.offersDeflate ? WebSocketDeflate.offer : nil))
    }

    /// The handshake is done: hands the delegate over to the client.
    func opened() -> (any WebSocketClientDelegate)? {
        defer {
            delegate = nil
            client = nil
        }
        return delegate
    }

    func failed(_ error: DialError) {
        client = nil
        let delegate = self.delegate
        self.delegate = nil
        delegate?.webSocketDialFailed(self, error: error)
    }
}
