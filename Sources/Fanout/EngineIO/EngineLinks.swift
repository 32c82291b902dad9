public import Bytes
internal import Glibc
internal import Grid
public import Reactor
public import Web

/// The Engine.IO sessions of one loop, by their secret names, and the requests that belong to them.
public final class EngineLinks {
    /// What becomes of a request for a new session.
    public enum Opening {
        case link(EngineLink)
        case refused(HTTPResponse)
    }

    /// What becomes of a request.
    public enum Decision {
        case http(HTTPDecision)
        /// The session lives on the loop of that number, if anywhere.
        case elsewhere(loop: Int)
    }

    let settings: EngineIOSettings
    let loop: EventLoop
    private let number: Int
    private let drawBytes: (Int) -> [UInt8]
    private var links: [String: EngineLink] = [:]
    private var flushList: [EngineLink] = []
    /// The last message that was framed, behind its header.
    private var lastFrame = ByteBuffer()
    private var lastByteCount = 0

    /// Secret bytes in a session's name.
    private static let secretBytes = 20
    private static let loopDigits = 2

    /// - Parameters:
    ///   - number: the loop's, which names begin with; at most 255.
    ///   - drawBytes: from a secure source: whoever knows a session's name is its client.
    public init(
        on loop: EventLoop, number: Int, settings: EngineIOSettings, drawBytes: @escaping (Int) -> [UInt8]
    ) {
        precondition((0...255).contains(number), "a loop's number has two digits")
        self.loop = loop
        self.number = number
        self.settings = settings
        self.drawBytes = drawBytes
    }

    /// The sessions there are.
    public var count: Int { links.count }

    /// All of them.
    public var all: [EngineLink] { Array(links.values) }

    // MARK: Requests

    /// Decides about a request to an Engine.IO path.
    ///
    /// - Parameters:
    ///   - headers: further fields of what is answered.
    ///   - open: makes a session of that name, or refuses to.
    public func decide(
        _ head: HTTPRequestHead, body: ByteBuffer, on connection: ServerConnection,
        headers: [(String, String)] = [], open: (EngineIOTransport, String) -> Opening
    ) -> Decision {
        do throws(EngineIORefusal) {
            switch try EngineIORequest(head) {
            case .open(let transport): return .http(begin(transport, open(transport, drawName()), headers))
            case .poll(let sid):
                guard let link = links[sid] else { return try elsewhere(sid) }
                return .http(try link.poll(connection, headers: headers).map { .respond($0) } ?? .later)
            case .post(let sid):
                guard let link = links[sid] else { return try elsewhere(sid) }
                try link.post(head, body: body, on: connection)
                let fields = [("Content-Type", "text/html"), ("Cache-Control", "no-store")] + headers
                return .http(.respond(HTTPResponse(status: 200, headers: fields, body: ByteBuffer(Array("ok".utf8)))))
            case .upgrade(let sid):
                guard let link = links[sid] else { return try elsewhere(sid) }
                try link.upgrade(connection)
                return .http(.upgrade(subprotocol: nil))
            }
        } catch {
            return .http(.respond(Self.answer(error, headers: headers)))
        }
    }

    private func begin(
        _ transport: EngineIOTransport, _ opening: Opening, _ headers: [(String, String)]
    ) -> HTTPDecision {
        switch opening {
        case .refused(let response): return .respond(response)
        case .link(let link):
            links[link.sid] = link
            loop.adopt(link)
            if let answer = link.begin(headers: headers) { return .respond(answer) }
            link.webSocket?.engineLink = link
            link.rearm()
            return .upgrade(subprotocol: nil)
        }
    }

    /// The answer to a request that is not served.
    public static func answer(_ refusal: EngineIORefusal, headers: [(String, String)] = []) -> HTTPResponse {
        let body = refusal.body
        guard !body.isEmpty else { return HTTPResponse(status: refusal.status, headers: headers) }
        return .json(refusal.status, body, headers: headers)
    }

    // MARK: Names

    private func drawName() -> String {
        var text = ByteBuffer(capacity: 32)
        text.append(Hexadecimal.encode([UInt8(number)]))
        drawBytes(Self.secretBytes).withUnsafeBytes { Base64.encode($0, into: &text, urlSafe: true, padded: false) }
        return text.text
    }

    /// Another loop may have the session of a name that this one does not know.
    private func elsewhere(_ sid: String) throws(EngineIORefusal) -> Decision {
        let digits = String(sid.prefix(Self.loopDigits))
        guard digits.utf8.count == Self.loopDigits, let loop = Int(digits, radix: 16), loop != number else {
            throw .unknownSession
        }
        return .elsewhere(loop: loop)
    }

    // MARK: Frames

    /// The frame of a text message that is two parts. An event goes to many sessions in a row, most of which get the
    /// same bytes: a comparison is cheaper than another frame.
    func frame(of head: UnsafeRawBufferPointer, _ tail: UnsafeRawBufferPointer) -> ByteBuffer {
        let count = head.count + tail.count
        let isSame =
            count == lastByteCount && count > 0
            && lastFrame.withBytes { bytes in
                let message = UnsafeRawBufferPointer(rebasing: bytes.suffix(count))
                return Self.isSame(UnsafeRawBufferPointer(rebasing: message.prefix(head.count)), head)
                    && Self.isSame(UnsafeRawBufferPointer(rebasing: message.dropFirst(head.count)), tail)
            }
        if !isSame {
            var frame = ByteBuffer(capacity: WebSocketFrame.maximumHeaderByteCount + 1 + count)
            WebSocketFrame.appendHeader(opcode: .text, payloadCount: 1 + count, into: &frame)
            frame.append(EngineIOPacketType.message.rawValue)
            frame.append(head)
            frame.append(tail)
            (lastFrame, lastByteCount) = (frame, count)
        }
        return lastFrame
    }

    private static func isSame(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard let one = left.baseAddress, let other = right.baseAddress else { return left.count == right.count }
        return left.count == right.count && memcmp(one, other, left.count) == 0
    }

    // MARK: The turn's end

    /// The session has something to send when the turn is over.
    func willFlush(_ link: EngineLink) {
        guard !link.isOnFlushList else { return }
        link.isOnFlushList = true
        flushList.append(link)
    }

    /// The turn is over: answers polls that something came for, and hands sockets what waits for them.
    public func flush() {
        while !flushList.isEmpty {
            let list = flushList
            flushList.removeAll()
            for link in list { link.flush() }
        }
    }

    func forget(_ link: EngineLink) { links[link.sid] = nil }
}
