internal import Bytes
internal import Reactor
internal import Service
internal import Web

/// Enrols many nodes through the running coordinator's control socket, as `neurogrid-coordinator enroll` does one by
/// one, over a few kept-alive connections: the coordinator then commits them in groups.
final class Enroller {
    private let wanted: Int
    private let bodies: (Int) -> ByteBuffer
    private var begun = 0
    private(set) var tokens: [String] = []
    private(set) var failure: String?
    private static let width = 32

    /// - Parameter count: how many nodes to enrol.
    init(count: Int) {
        wanted = count
        bodies = { number in
            var writer = JSONWriter()
            writer.beginObject()
            writer.field("owner", "bench")
            writer.field("name", "bench-\(number)")
            writer.field("region", "local")
            writer.field("ttl_seconds", 3600)
            writer.endObject()
            return writer.buffer
        }
    }

    /// Whether every node has its token, or the coordinator refused one.
    var isSettled: Bool { tokens.count == wanted || failure != nil }

    /// Begins to ask.
    ///
    /// - Parameter socketPath: `control.sock` in the coordinator's data directory; short, as the kernel wants it.
    func begin(on loop: EventLoop, socketPath: String) {
        for _ in 0..<min(Self.width, wanted) {
            Connector.connect(to: .unix(path: socketPath), on: loop, timeoutNanoseconds: 10_000_000_000) {
                [self] result in
                switch result {
                case .failure(let error): failed("cannot reach \(socketPath): \(error)")
                case .success(let descriptor):
                    let channel = EnrolmentChannel(fileDescriptor: descriptor, enroller: self)
                    loop.adopt(channel)
                    channel.askNext()
                }
            }
        }
    }

    /// The body of the next request; `nil` when there are enough.
    fileprivate func nextBody() -> ByteBuffer? {
        guard begun < wanted, failure == nil else { return nil }
        begun += 1
        return bodies(begun)
    }

    fileprivate func take(_ token: String) { tokens.append(token) }

    fileprivate func failed(_ reason: String) { failure = failure ?? reason }
}

/// One connection to the control socket.
private final class EnrolmentChannel: Channel {
    private let enroller: Enroller
    private var parser = HTTPResponseParser(requestMethod: "POST")
    private var body: [UInt8] = []
    private var status = 0

    init(fileDescriptor: Int32, enroller: Enroller) {
        self.enroller = enroller
        super.init(fileDescriptor: fileDescriptor)
    }

    func askNext() {
        guard let body = enroller.nextBody() else { return close(.local) }
        var request = ByteBuffer(capacity: 512)
        body.withBytes { bytes in
            _ = HTTPRequestWriter.write(
                method: "POST", target: "/control/enroll", host: "localhost",
                headers: [("Content-Type", "application/json")], body: bytes, into: &request)
        }
        request.withBytes { _ = send($0) }
    }

    override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        var input = InputCursor(bytes)
        do {
            while !isClosed, let event = try parser.next(&input) {
                switch event {
                case .head(let head): status = head.status
                case .body(let part): body.append(contentsOf: part)
                case .end: answered()
                }
            }
        } catch {
            enroller.failed("the control socket's answer cannot be read: \(error)")
            close(.local)
        }
    }

    private func answered() {
        defer { body.removeAll(keepingCapacity: true) }
        guard status == 201, let token = Self.secret(body) else {
            enroller.failed("enrolment refused with \(status): \(String(decoding: body, as: UTF8.self))")
            close(.local)
            return
        }
        enroller.take(token)
        askNext()
    }

    /// The member `secret` of the answer.
    private static func secret(_ body: [UInt8]) -> String? {
        body.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            do {
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    if key.equals("output") { return try reader.readString() }
                    try reader.skipValue()
                }
            } catch {
                return nil
            }
            return nil
        }
    }

    override func closed(_ cause: CloseCause) {
        if case .local = cause { return }
        if case .loopClosed = cause { return }
        enroller.failed("the control socket was closed: \(cause)")
    }
}
