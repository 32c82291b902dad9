import Bytes
public import Reactor
import Web

/// Sends requests, each over a connection of its own.
public final class HTTPClient {
    private let loop: EventLoop
    private let hosts: HostDialer
    private let security: ClientSecurity

    /// A client on `loop`; make and use it on the loop's thread.
    ///
    /// - Parameter tls: whom to believe where a URL asks for TLS; nil believes the machine's own store.
    public init(on loop: EventLoop, tls: TLSContext? = nil) {
        self.loop = loop
        hosts = HostDialer(on: loop)
        security = ClientSecurity(tls)
    }

    /// Sends no more requests. Call it before the loop is closed.
    public func close() { hosts.close() }

    /// Sends a request and calls `completion` once, in a later turn.
    @discardableResult
    public func send(
        _ request: HTTPRequest, completion: @escaping (Result<HTTPResponse, DialError>) -> Void
    ) -> HTTPExchange {
        let exchange = HTTPExchange(completion: completion)
        exchange.begin(request, on: loop, hosts: hosts, security: security)
        return exchange
    }

    /// Sends a request and waits for its response on a loop of its own: for commands, never on a loop's thread.
    public static func blockingRequest(
        _ request: HTTPRequest, tls: TLSContext? = nil
    ) throws(DialError) -> HTTPResponse {
        let loop: EventLoop
        do throws(SystemError) { loop = try EventLoop() } catch { throw .unreachable(error) }
        let client = HTTPClient(on: loop, tls: tls)
        var outcome: Result<HTTPResponse, DialError>?
        client.send(request) { outcome = $0 }
        while outcome == nil { loop.runOnce(timeoutMilliseconds: nil) }
        client.close()
        loop.close()
        guard let outcome else { throw .cancelled }
        return try outcome.get()
    }
}

/// One request on its way.
public final class HTTPExchange {
    private var completion: ((Result<HTTPResponse, DialError>) -> Void)?
    private var host: HostDial?
    private var channel: HTTPExchangeChannel?

    init(completion: @escaping (Result<HTTPResponse, DialError>) -> Void) { self.completion = completion }

    /// Gives up; `completion` is not called any more. Idempotent, and nothing after the completion.
    public func cancel() {
        completion = nil
        host?.cancel()
        host = nil
        channel?.close(.local)
        channel = nil
    }

    func begin(_ request: HTTPRequest, on loop: EventLoop, hosts: HostDialer, security: ClientSecurity) {
        let deadline = Clock.monotonicNanoseconds() &+ UInt64(request.timeoutMilliseconds) &* 1_000_000
        let destination = Destination(host: request.url.host, port: request.url.port, unixPath: request.unixPath)
        host = hosts.open(destination, deadline: deadline) { [self] result in
            host = nil
            switch result {
            case .failure(let error):
                finish(.failure(error))
            case .success(let descriptor):
                let channel = HTTPExchangeChannel(fileDescriptor: descriptor, request: request, exchange: self)
                self.channel = channel
                channel.deadline = deadline
                security.secure(channel, for: request.url)
                loop.adopt(channel)
                channel.sendRequest(request)
            }
        }
    }

    func finish(_ result: Result<HTTPResponse, DialError>) {
        let completion = self.completion
        self.completion = nil
        channel = nil
        completion?(result)
    }
}

/// The connection of one request.
final class HTTPExchangeChannel: Channel {
    private let exchange: HTTPExchange
    private var parser: HTTPResponseParser
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var outcome: Result<HTTPResponse, DialError>?

    init(fileDescriptor: Int32, request: HTTPRequest, exchange: HTTPExchange) {
        self.exchange = exchange
        parser = HTTPResponseParser(
            limits: HTTPLimits(bodyBytes: request.maximumBodyBytes), requestMethod: request.method)
        super.init(fileDescriptor: fileDescriptor)
    }

    func sendRequest(_ request: HTTPRequest) {
        var buffer = ByteBuffer(capacity: 512 + (request.body?.count ?? 0))
        let write = { (body: UnsafeRawBufferPointer?) in
            _ = HTTPRequestWriter.write(
                method: request.method, target: request.url.target, host: request.url.hostField,
                headers: request.headers, body: body, keepAlive: false, into: &buffer)
        }
        if let body = request.body { body.withUnsafeBytes { write($0) } } else { write(nil) }
        queueByteLimit = UInt32(clamping: max(buffer.count, 1))
        send(buffer)
    }

    override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        var input = InputCursor(bytes)
        do throws(HTTPError) {
            while outcome == nil, let event = try parser.next(&input) { handle(event) }
        } catch {
            outcome = .failure(.badResponse(error))
        }
        if outcome != nil { close(.local) }
    }

    override func endOfStream() {
        do throws(HTTPError) {
            if let event = try parser.finish() { handle(event) }
        } catch {
            outcome = outcome ?? .failure(error == .truncated ? .endedEarly : .badResponse(error))
        }
        close(.endOfStream)
    }

    override func closed(_ cause: CloseCause) {
        if let outcome { return exchange.finish(outcome) }
        switch cause {
        case .local, .loopClosed: exchange.finish(.failure(.cancelled))
        case .endOfStream: exchange.finish(.failure(.endedEarly))
        case .failed(let error): exchange.finish(.failure(.unreachable(error)))
        case .tls(let error): exchange.finish(.failure(.tls(error)))
        case .deadline: exchange.finish(.failure(.timedOut))
        case .queueOverflow: exchange.finish(.failure(.queueOverflow))
        }
    }

    private func handle(_ event: HTTPResponseEvent) {
        switch event {
        case .head(let head):
            if head.isInterim { return }
            self.head = head
            // Nobody asked for another protocol.
            if head.status == 101 { outcome = .failure(.badResponse(.malformedStatusLine)) }
        case .body(let bytes):
            body.append(contentsOf: bytes)
        case .end:
            guard let head else { return }
            outcome = .success(HTTPResponse(status: head.status, headers: head.headers, body: body))
        }
    }
}
