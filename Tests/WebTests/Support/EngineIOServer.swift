import Bytes
import Testing

@testable import Web

/// What goes over a WebSocket as one message.
enum EngineIOFrame: Equatable, ExpressibleByStringLiteral {
    case text(String)
    case binary([UInt8])

    init(stringLiteral text: String) { self = .text(text) }
}

/// A request and, once there is one, its answer.
final class EngineIOExchange {
    private(set) var status: Int?
    private(set) var body = ""

    func answer(_ status: Int, _ body: ByteBuffer) {
        #expect(self.status == nil, "a request is answered once")
        self.status = status
        self.body = body.text
    }
}

/// A WebSocket as its client sees it.
final class EngineIOSocket {
    /// The status of a handshake that was refused.
    var refusal: Int?
    var closeCode: UInt16?
    var received: [EngineIOFrame] = []

    /// Whether it is there, neither refused nor closed.
    var isOpen: Bool { refusal == nil && closeCode == nil }
}

/// A server of echoes with time in its hands: all that a session's user has to do, and nothing more.
final class EngineIOServer {
    /// A session and the connections that belong to it.
    final class Seat {
        var session: EngineIOSession
        var poll: EngineIOExchange?
        var socket: EngineIOSocket?
        var probe: EngineIOSocket?

        init(_ session: EngineIOSession) { self.session = session }
    }

    /// What the public suites expect of a server.
    static let suiteSettings = EngineIOSettings(pingIntervalMilliseconds: 300, pingTimeoutMilliseconds: 200)

    let settings: EngineIOSettings
    /// Whether messages are sent back.
    var echoes = true
    private(set) var now: UInt64 = 1_000_000_000
    private(set) var endings: [String: EngineIOEnding] = [:]
    /// The messages that came, of all sessions.
    private(set) var messages: [EngineIOFrame] = []
    private var seats: [String: Seat] = [:]
    private var opened = 0

    init(_ settings: EngineIOSettings = suiteSettings) { self.settings = settings }

    // MARK: A client's calls

    func get(_ query: String) throws -> EngineIOExchange { try fetch("GET", query) }

    /// A request. A poll may be without an answer when this returns.
    func fetch(
        _ method: String, _ query: String, body: [UInt8] = [], contentType: String? = nil
    ) throws -> EngineIOExchange {
        let exchange = EngineIOExchange()
        do {
            switch try EngineIORequest(try head(method, query, contentType)) {
            case .open(let transport):
                var actions: [EngineIOAction] = []
                let sid = open(transport, &actions)
                seats[sid]?.poll = exchange
                perform(actions, sid)
            case .poll(let sid): try poll(sid, exchange)
            case .post(let sid): try post(sid, body, contentType: contentType, exchange)
            case .upgrade: throw EngineIORefusal.badRequest
            }
        } catch let refusal as EngineIORefusal {
            exchange.answer(refusal.status, refusal.body)
        }
        return exchange
    }

    /// A WebSocket to the server.
    func webSocket(_ query: String) throws -> EngineIOSocket {
        let socket = EngineIOSocket()
        do {
            switch try EngineIORequest(try head("GET", query, nil, isUpgrade: true)) {
            case .open(let transport):
                var actions: [EngineIOAction] = []
                let sid = open(transport, &actions)
                seats[sid]?.socket = socket
                perform(actions, sid)
            case .upgrade(let sid):
                try call(sid) { seat, actions in
                    if try seat.session.beginUpgrade(at: now, into: &actions) {
                        seat.probe = socket
                    } else {
                        socket.closeCode = 1000
                    }
                }
            case .poll, .post: throw EngineIORefusal.badRequest
            }
        } catch let refusal as EngineIORefusal {
            socket.refusal = refusal.status
        }
        return socket
    }

    /// A client sends a message over its WebSocket.
    func send(_ frame: EngineIOFrame, over socket: EngineIOSocket) throws {
        guard socket.isOpen else { return }
        guard let sid = seats.first(where: { $0.value.socket === socket || $0.value.probe === socket })?.key else {
            return
        }
        try call(sid) { seat, actions in
            let bytes: [UInt8] =
                switch frame {
                case .text(let text): [UInt8](text)
                case .binary(let bytes): bytes
                }
            bytes.withUnsafeBytes { bytes in
                let isProbe = seat.probe === socket
                switch (frame, isProbe) {
                case (.text, true): seat.session.receiveProbe(text: bytes, at: now, into: &actions)
                case (.binary, true): seat.session.receiveProbeBinary(into: &actions)
                case (.text, false): heard(seat.session.receive(text: bytes, at: now, into: &actions), seat, &actions)
                case (.binary, false):
                    heard(seat.session.receive(binary: bytes, at: now, into: &actions), seat, &actions)
                }
            }
        }
    }

    /// A client lets go of its connection without a word.
    func abort(_ exchange: EngineIOExchange) throws {
        guard let (sid, _) = seats.first(where: { $0.value.poll === exchange }) else { return }
        try call(sid) { seat, actions in
            seat.poll = nil
            seat.session.pollAborted(into: &actions)
        }
    }

    /// A client closes its WebSocket.
    func close(_ socket: EngineIOSocket) throws {
        if let (sid, _) = seats.first(where: { $0.value.socket === socket }) {
            try call(sid) { seat, actions in seat.session.webSocketClosed(into: &actions) }
        }
        if let (_, seat) = seats.first(where: { $0.value.probe === socket }) {
            seat.probe = nil
            seat.session.probeClosed()
        }
        socket.closeCode = 1005
    }

    // MARK: The server's own

    /// Lets time pass; whatever is due happens when it is due.
    func sleep(milliseconds: UInt64) throws {
        let end = now + milliseconds * 1_000_000
        while let due = seats.compactMap({ seat in seat.value.session.deadline.map { (seat.key, $0) } }).min(by: {
            ($0.1, $0.0) < ($1.1, $1.0)
        }), due.1 <= end {
            now = max(now, due.1)
            try call(due.0) { seat, actions in seat.session.tick(at: now, into: &actions) }
        }
        now = end
    }

    /// Lets time pass without a look at what is due, as a timer that is late.
    func oversleep(milliseconds: UInt64) { now += milliseconds * 1_000_000 }

    /// The server sends a message of its own accord.
    func emit(_ frame: EngineIOFrame, to sid: String) throws {
        try call(sid) { seat, actions in
            Self.send(frame, from: seat, &actions)
            seat.session.flush(into: &actions)
        }
    }

    /// The server closes a session.
    func close(sid: String) throws {
        try call(sid) { seat, actions in seat.session.close(at: now, into: &actions) }
    }

    /// The session of that id.
    func session(_ sid: String) -> EngineIOSession? { seats[sid]?.session }

    /// Calls a session and performs what it wants.
    func call(_ sid: String, _ body: (_ seat: Seat, _ actions: inout [EngineIOAction]) throws -> Void) throws {
        guard let seat = seats[sid] else { throw EngineIORefusal.unknownSession }
        var actions: [EngineIOAction] = []
        defer { perform(actions, sid) }
        try body(seat, &actions)
    }

    // MARK: Inside

    private func head(
        _ method: String, _ query: String, _ contentType: String?, isUpgrade: Bool = false
    ) throws -> HTTPRequestHead {
        let upgrade = isUpgrade ? "Upgrade: websocket\r\nConnection: Upgrade\r\n" : ""
        let type = contentType.map { "Content-Type: \($0)\r\n" } ?? ""
        let text = "\(method) /engine.io/?\(query) HTTP/1.1\r\nHost: localhost\r\n\(upgrade)\(type)\r\n"
        return try #require(try requestHead(text))
    }

    private func open(_ transport: EngineIOTransport, _ actions: inout [EngineIOAction]) -> String {
        opened += 1
        let sid = "sid-\(opened)"
        seats[sid] = Seat(
            EngineIOSession(over: transport, sid: sid, settings: settings, at: now, into: &actions))
        return sid
    }

    private func poll(_ sid: String, _ exchange: EngineIOExchange) throws {
        try call(sid) { seat, actions in
            // Where it throws, what it wants done is about the poll that waits.
            try seat.session.poll(at: now, into: &actions)
            seat.poll = exchange
        }
    }

    private func post(
        _ sid: String, _ body: [UInt8], contentType: String?, _ exchange: EngineIOExchange
    ) throws {
        try call(sid) { seat, actions in
            try seat.session.beginPost(contentType: contentType, byteCount: body.count, into: &actions)
            var body = body
            body.withUnsafeMutableBytes { bytes in
                var payload = EngineIOPayloadReader(bytes)
                while let message = seat.session.receive(&payload, at: now, into: &actions) {
                    heard(message, seat, &actions)
                }
            }
            seat.session.flush(into: &actions)
            try seat.session.finishPost()
        }
        exchange.answer(200, ByteBuffer([UInt8]("ok")))
    }

    private func heard(_ message: EngineIOMessage?, _ seat: Seat, _ actions: inout [EngineIOAction]) {
        let frame: EngineIOFrame
        switch message {
        case .text(let bytes): frame = .text(String(decoding: bytes, as: UTF8.self))
        case .binary(let bytes): frame = .binary([UInt8](bytes))
        case nil: return
        }
        messages.append(frame)
        if echoes { Self.send(frame, from: seat, &actions) }
    }

    private static func send(_ frame: EngineIOFrame, from seat: Seat, _ actions: inout [EngineIOAction]) {
        switch frame {
        case .text(let text): seat.session.send(into: &actions) { $0.append(text) }
        case .binary(let bytes): bytes.withUnsafeBytes { seat.session.send(binary: $0, into: &actions) }
        }
    }

    private func perform(_ actions: [EngineIOAction], _ sid: String) {
        guard let seat = seats[sid] else { return }
        for action in actions {
            #expect(endings[sid] == nil, "nothing comes after the end")
            switch action {
            case .answerPoll(let body):
                #expect(seat.poll != nil, "somebody has to be waiting")
                seat.poll?.answer(200, body)
                seat.poll = nil
            case .sendText(let bytes): seat.socket?.received.append(.text(bytes.text))
            case .sendBinary(let bytes): seat.socket?.received.append(.binary(bytes.bytes))
            case .sendProbe(let bytes): seat.probe?.received.append(.text(bytes.text))
            case .adoptProbe: (seat.socket, seat.probe) = (seat.probe, nil)
            case .closeProbe:
                seat.probe?.closeCode = 1000
                seat.probe = nil
            case .closeWebSocket(let code): seat.socket?.closeCode = code
            case .end(let ending):
                endings[sid] = ending
                seats[sid] = nil
            }
        }
    }
}

extension EngineIOServer {
    /// Opens a session that polls.
    func openPolling() throws -> String {
        let exchange = try get("EIO=4&transport=polling")
        #expect(exchange.status == 200)
        return "sid-\(opened)"
    }

    /// Opens a session over a WebSocket, its open packet taken.
    func openWebSocket() throws -> EngineIOSocket {
        let socket = try webSocket("EIO=4&transport=websocket")
        #expect(socket.received.count == 1)
        socket.received.removeAll()
        return socket
    }

    /// Polls a session.
    func poll(_ sid: String) throws -> EngineIOExchange { try get("EIO=4&transport=polling&sid=\(sid)") }

    /// Sends a payload to a session.
    func post(_ sid: String, _ body: String, contentType: String? = "text/plain;charset=UTF-8") throws
        -> EngineIOExchange
    {
        try fetch("POST", "EIO=4&transport=polling&sid=\(sid)", body: [UInt8](body), contentType: contentType)
    }

    /// A WebSocket for a session that polls.
    func upgrade(_ sid: String) throws -> EngineIOSocket {
        try webSocket("EIO=4&transport=websocket&sid=\(sid)")
    }
}
