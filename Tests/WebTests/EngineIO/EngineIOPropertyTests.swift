import Bytes
import Testing

@testable import Web

/// Seeded histories: what was sent arrives once and in order, whatever the way; and how input is cut does not matter.
@Suite("Engine.IO under chance")
struct EngineIOPropertyTests {
    private static let rounds = 60

    private static func frame(_ random: inout SeededRandom) -> EngineIOFrame {
        let count = Int.random(in: 0...12, using: &random)
        if Bool.random(using: &random) {
            return .binary((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        return .text(
            (0..<count).map { _ in "aé€😀\"{\u{1F}".randomElement(using: &random) ?? "a" }.map(String.init).joined())
    }

    /// A frame as it stands in a payload.
    private static func packet(_ frame: EngineIOFrame) -> String {
        switch frame {
        case .text(let text): "4" + text
        case .binary(let bytes): "b" + Base64.encode(bytes)
        }
    }

    /// The messages of a payload's body.
    private static func messages(_ body: String) -> [EngineIOFrame] {
        let reading = EngineIOPayloadReaderTests.Reading(of: [UInt8](body))
        #expect(reading.error == nil)
        return messages(reading.frames)
    }

    /// The messages among frames.
    private static func messages(_ frames: [EngineIOFrame]) -> [EngineIOFrame] {
        frames.compactMap { frame in
            guard case .text(let text) = frame else { return frame }
            return text.hasPrefix("4") ? .text(String(text.dropFirst())) : nil
        }
    }

    @Test("what is encoded is decoded alike", arguments: 0..<8)
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<Self.rounds {
            let frames = (0..<Int.random(in: 1...20, using: &random)).map { _ in Self.frame(&random) }
            var writer = EngineIOPayloadWriter(packetLimit: 100, byteLimit: 10_000)
            for frame in frames {
                switch frame {
                case .text(let text): writer.appendMessage { $0.append(text) }
                case .binary(let bytes): bytes.withUnsafeBytes { writer.appendBinary($0) }
                }
            }
            let body = writer.finish().text
            #expect(body == frames.map(Self.packet).joined(separator: "\u{1E}"))
            #expect(Self.messages(body) == frames)
        }
    }

    @Test("nothing is lost, doubled or disordered, polls, pings and an upgrade among it", arguments: 0..<12)
    func delivery(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<Self.rounds { try history(&random) }
    }

    /// One session with a client that polls, posts, answers pings and may upgrade.
    private func history(_ random: inout SeededRandom) throws {
        // Pings often, and all the time for pongs: this client polls when it likes.
        let server = EngineIOServer(
            EngineIOSettings(pingIntervalMilliseconds: 50, pingTimeoutMilliseconds: 1_000_000))
        server.echoes = false
        let sid = try server.openPolling()
        var sent: [EngineIOFrame] = []
        var posted: [EngineIOFrame] = []
        var arrived: [EngineIOFrame] = []
        var poll: EngineIOExchange?
        var socket: EngineIOSocket?
        func fetch() throws {
            guard let answered = poll, answered.status != nil else { return }
            #expect(answered.status == 200)
            arrived += Self.messages(answered.body)
            poll = nil
            if answered.body.split(separator: "\u{1E}").contains("2") {
                #expect(try server.post(sid, "3").status == 200)
            }
        }
        for _ in 0..<Int.random(in: 5...40, using: &random) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let frame = Self.frame(&random)
                sent.append(frame)
                try server.emit(frame, to: sid)
            case 2 where poll == nil: poll = try server.poll(sid)
            case 3:
                let frames = (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.frame(&random) }
                posted += frames
                #expect(try server.post(sid, frames.map(Self.packet).joined(separator: "\u{1E}")).status == 200)
            case 4 where socket == nil && Int.random(in: 0..<4, using: &random) == 0:
                let tried = try server.upgrade(sid)
                try server.send("2probe", over: tried)
                if Bool.random(using: &random) { socket = tried } else { try server.close(tried) }
            default: try server.sleep(milliseconds: UInt64.random(in: 0...60, using: &random))
            }
            try fetch()
        }
        if let socket {
            #expect(poll == nil, "an upgrade lets polls go")
            try server.send("5", over: socket)
            arrived += Self.messages(socket.received)
        } else {
            while arrived.count < sent.count {
                if poll == nil { poll = try server.poll(sid) }
                try #require(poll?.status != nil, "what waits answers a poll at once")
                try fetch()
            }
        }
        #expect(arrived == sent)
        #expect(server.messages == posted)
        #expect(server.endings.isEmpty)
    }

    /// What a WebSocket session makes of the bytes of a connection, cut as they are.
    private func actions(_ feeding: Feeding) -> (actions: [EngineIOAction], messages: [EngineIOFrame]) {
        var actions: [EngineIOAction] = []
        var messages: [EngineIOFrame] = []
        var receiver = WebSocketReceiver(role: .server, maximumMessageBytes: 1000, maximumFragments: 8)
        var session = EngineIOSession(
            over: .webSocket, sid: "a", settings: EngineIOSettings(), at: 0, into: &actions)
        feeding.forEach { cursor in
            do {
                while let event = try receiver.next(&cursor) {
                    let message: EngineIOMessage?
                    switch event {
                    case .text(let bytes): message = session.receive(text: bytes, at: 0, into: &actions)
                    case .binary(let bytes): message = session.receive(binary: bytes, at: 0, into: &actions)
                    case .ping, .pong, .close: message = nil
                    }
                    switch message {
                    case .text(let bytes):
                        messages.append(.text(String(decoding: bytes, as: UTF8.self)))
                        session.send(into: &actions) { $0.append(bytes) }
                    case .binary(let bytes):
                        messages.append(.binary([UInt8](bytes)))
                        session.send(binary: bytes, into: &actions)
                    case nil: break
                    }
                }
            } catch {
                session.webSocketClosed(into: &actions)
            }
        }
        return (actions, messages)
    }

    @Test("chopped connections give the same actions as whole ones", arguments: 0..<8)
    func chopped(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<Self.rounds {
            let frames = (0..<Int.random(in: 1...6, using: &random)).flatMap { _ -> [RawFrame] in
                switch Self.frame(&random) {
                case .binary(let bytes): return [RawFrame(2, bytes)]
                case .text(let text) where Int.random(in: 0..<6, using: &random) > 0: return [.text("4" + text)]
                case .text(let text):
                    return [
                        .text("4", fin: false), .more(text, fin: true),
                        .text(["3", "1", "9"].randomElement(using: &random) ?? "3"),
                    ]
                }
            }
            let bytes = frames.bytes()
            let whole = actions(.whole(bytes))
            for feeding in [Feeding.chopped(bytes), .scattered(bytes, longest: 9, &random)] {
                let other = actions(feeding)
                #expect(other.actions == whole.actions && other.messages == whole.messages)
            }
        }
    }

    @Test("a payload means what its packets mean in requests of their own", arguments: 0..<8)
    func split(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<Self.rounds {
            let packets = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Int.random(in: 0..<8, using: &random) == 0
                    ? ["", "x", "1", "2", "3", "b!", "6"].randomElement(using: &random) ?? ""
                    : Self.packet(Self.frame(&random))
            }
            let whole = EngineIOServer()
            let parts = EngineIOServer()
            let sids = (try whole.openPolling(), try parts.openPolling())
            _ = try whole.post(sids.0, packets.joined(separator: "\u{1E}"))
            for packet in packets { _ = try parts.post(sids.1, packet) }
            #expect(whole.messages == parts.messages && whole.endings == parts.endings)
            #expect(try whole.poll(sids.0).body == parts.poll(sids.1).body)
        }
    }
}
