import Bytes
import Glibc
import Grid
import Reactor
import Testing
import Web
import Wire

@testable import Fanout

@Suite("Server connection")
struct ServerConnectionTests {
    @Test("a peer that closes gets its close frame although an event comes in the same turn")
    func closesBesideAnEvent() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.say("GET /ws HTTP/1.1\r\n" + Self.upgrade)
        bench.turn()
        #expect(bench.hear().hasPrefix("HTTP/1.1 101"))
        bench.look()
        bench.say(bytes: [0x88, 0x80, 0, 0, 0, 0])
        bench.publishBeforeFlush("event")
        bench.turn()
        let bytes = bench.hearBytes()
        // The event may come before it or not at all, never after it and never in its place.
        #expect(bytes.suffix(4).starts(with: [0x88, 0x02]))
        #expect(!bench.connection.hasFailed)
    }

    @Test("who has said goodbye joins no view any more")
    func goodbyeEndsViews() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.say("GET /ws HTTP/1.1\r\n" + Self.upgrade)
        bench.turn()
        _ = bench.hear()
        bench.look()
        bench.connection.closeWebSocket(code: 1008, reason: "policy")
        bench.publishBeforeFlush("late")
        bench.turn()
        #expect(bench.hearBytes() == [0x88, 0x08, 0x03, 0xF0] + Array("policy".utf8))
    }

    @Test("an answer that was put off still comes when its asker has shut its half")
    func halfClosedAsker() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        shutdown(bench.far, Int32(SHUT_WR))
        bench.turn()
        bench.turn()
        #expect(!bench.connection.isClosed)
        bench.connection.respond(HTTPResponse(status: 204))
        bench.turn()
        let answer = bench.hear()
        #expect(answer.hasPrefix("HTTP/1.1 204"))
        #expect(answer.lowercased().contains("connection: close"))
        #expect(bench.connection.isClosed)
    }

    @Test("an answer that comes after its time has passed is neither sent nor counted")
    func lateAnswer() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        bench.turn()
        bench.connection.deadlineReached()
        bench.connection.respond(HTTPResponse(status: 204))
        bench.turn()
        let answer = bench.hear()
        #expect(answer.hasPrefix("HTTP/1.1 503") && !answer.contains("204"))
        #expect(bench.connection.statuses == [503])
    }

    @Test("an answer given at once reaches an asker that has shut its half")
    func halfClosedAskerOfNow() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.say("GET /now HTTP/1.1\r\nHost: x\r\n\r\n")
        shutdown(bench.far, Int32(SHUT_WR))
        bench.turn()
        #expect(bench.hear().hasPrefix("HTTP/1.1 200"))
    }

    @Test("requests that wait behind a put-off one are answered in order")
    func pipelines() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /now HTTP/1.1\r\nHost: x\r\n\r\n")
        bench.turn()
        #expect(bench.hear().isEmpty)
        bench.connection.respond(HTTPResponse(status: 204))
        bench.turn()
        let answers = bench.hear()
        #expect(answers.hasPrefix("HTTP/1.1 204"))
        #expect(answers.contains("HTTP/1.1 200"))
    }

    @Test("an answer larger than what may pile up unasked arrives whole")
    func largeAnswer() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        var body = ByteBuffer(capacity: 3 << 20)
        body.append([UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20))
        bench.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        bench.turn()
        bench.connection.respond(.json(200, body))
        var heard = bench.hearBytes()
        while heard.count < 3 << 20, !bench.connection.isClosed {
            bench.turn()
            heard += bench.hearBytes()
        }
        #expect(heard.suffix(3 << 20).allSatisfy { $0 == UInt8(ascii: "x") } && heard.count > 3 << 20)
        #expect(!bench.connection.isClosed)
    }

    @Test("a drain lets a waiting request have its answer, and ends a resting connection at once")
    func finishes() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        bench.turn()
        bench.connection.finishRequests()
        bench.turn()
        #expect(!bench.connection.isClosed)
        bench.connection.respond(HTTPResponse(status: 204))
        bench.turn()
        #expect(bench.hear().lowercased().contains("connection: close"))

        let resting = try ServerBench()
        defer { resting.close() }
        resting.connection.finishRequests()
        #expect(resting.connection.isClosed)
    }

    @Test("a message that is not whole in time ends its connection, one that is does not")
    func assemblyTime() throws {
        let bench = try ServerBench(assemblyNanoseconds: 30_000_000)
        defer { bench.close() }
        bench.say("GET /ws HTTP/1.1\r\n" + Self.upgrade)
        bench.turn()
        _ = bench.hear()
        // Whole ones, however they come, leave nothing to wait for.
        bench.say(bytes: [0x81, 0x81, 0, 0, 0, 0, 0x61])
        bench.turn()
        #expect(bench.connection.texts == 1)
        bench.say(bytes: [0x01, 0x81, 0, 0, 0, 0, 0x61])
        bench.turn()
        bench.say(bytes: [0x80, 0x81, 0, 0, 0, 0, 0x61])
        bench.turn()
        #expect(bench.connection.texts == 2)
        // A ping between the pieces does not renew their time.
        bench.say(bytes: [0x01, 0x81, 0, 0, 0, 0, 0x61])
        while !bench.connection.isSayingGoodbye {
            bench.say(bytes: [0x89, 0x80, 0, 0, 0, 0])
            bench.loop.runOnce(timeoutMilliseconds: 5)
        }
        #expect(bench.connection.sentCloseCode == 1008)
        #expect(bench.connection.closedFirst)
    }

    @Test("a ping that the connection does not admit is not answered")
    func controlFrames() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.say("GET /ws HTTP/1.1\r\n" + Self.upgrade)
        bench.turn()
        _ = bench.hear()
        bench.connection.admittedControlFrames = 2
        for _ in 0..<3 { bench.say(bytes: [0x89, 0x80, 0, 0, 0, 0]) }
        bench.say(bytes: [0x88, 0x80, 0, 0, 0, 0])
        bench.turn()
        #expect(bench.hearBytes().starts(with: [0x8A, 0, 0x8A, 0, 0x88]))
        #expect(!bench.connection.closedFirst && bench.connection.sentCloseCode == 1000)
    }

    @Test("a connection that may not rest is closed with its answer")
    func noRest() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.connection.rests = false
        bench.say("GET /now HTTP/1.1\r\nHost: x\r\n\r\n")
        bench.turn()
        #expect(bench.hear().lowercased().contains("connection: close"))
        #expect(bench.connection.statuses == [200])
    }

    @Test("a loop that stood still asks its peer before it gives it up")
    func asksAfterItsOwnPause() throws {
        // On a busy machine a turn may take so long that it counts as a pause of its own.
        var configuration = EventLoopConfiguration()
        configuration.pauseNanoseconds = 3_600_000_000_000
        let bench = try ServerBench(heartbeatNanoseconds: 1_000_000, configuration: configuration)
        defer { bench.close() }
        bench.say("GET /ws HTTP/1.1\r\n" + Self.upgrade)
        bench.turn()
        _ = bench.hear()
        bench.standStill(forNanoseconds: 5_000_000)
        bench.turn()
        #expect(bench.hearBytes() == [0x89, 0x00])
        #expect(!bench.connection.isSayingGoodbye)
        bench.standStill(forNanoseconds: 5_000_000)
        bench.turn()
        #expect(bench.hearBytes().prefix(4) == [0x88, 0x0E, 0x0B, 0xC4], "two intervals of silence are enough")
    }

    @Test("a loop that stood still while it waited for an answer waits anew")
    func waitsAnewAfterItsOwnPause() throws {
        var configuration = EventLoopConfiguration()
        configuration.pauseNanoseconds = 2_000_000
        let bench = try ServerBench(heartbeatNanoseconds: 1_000_000, configuration: configuration)
        defer { bench.close() }
        bench.say("GET /ws HTTP/1.1\r\n" + Self.upgrade)
        bench.turn()
        for _ in 0..<3 {
            bench.standStill(forNanoseconds: 5_000_000)
            bench.turn()
            #expect(!bench.connection.isSayingGoodbye, "nobody could have been heard")
        }
        while !bench.connection.isSayingGoodbye { bench.loop.runOnce() }
        #expect(bench.hearBytes().suffix(14).elementsEqual([0x0B, 0xC4] + Array("no heartbeat".utf8)))
    }

    @Test("an answer that a busy loop has not read yet is no silence")
    func countsWhatWaitsInTheSocket() throws {
        // One event a turn: who comes second waits for the next.
        var configuration = EventLoopConfiguration()
        configuration.eventsPerWait = 1
        let bench = try ServerBench(heartbeatNanoseconds: 1_000_000, configuration: configuration)
        defer { bench.close() }
        let neighbour = try bench.neighbour()
        defer { _ = Glibc.close(neighbour) }
        for _ in 0..<4 { bench.turn() }
        bench.say("GET /ws HTTP/1.1\r\n" + Self.upgrade)
        bench.turn()
        bench.standStill(forNanoseconds: 5_000_000)
        bench.turn()
        // Nothing is heard before the end: the room that this frees would be an event, too.
        bench.say(bytes: [0], from: neighbour)
        bench.say(bytes: [0x8A, 0x80, 0, 0, 0, 0])
        bench.standStill(forNanoseconds: 5_000_000)
        bench.turn()
        #expect(bench.connection.hasUnreadInput, "the neighbour's byte was to come first")
        #expect(!bench.connection.isSayingGoodbye)
        bench.turn()
        #expect(!bench.connection.hasUnreadInput)
        #expect(bench.hearBytes().suffix(2) == [0x89, 0x00])
        #expect(!bench.connection.isSayingGoodbye)
    }

    private static let upgrade =
        "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
}

/// One server's connection at the end of a socket pair, with a fan-out beside it.
final class ServerBench {
    let loop: EventLoop
    let fanout = LoopFanout()
    let connection: Connection
    let far: Int32
    private let log = ClassLog(
        key: ClassKey(room: .nodes, dialect: .native, framing: .webSocket),
        compressor: WebSocketCompressor(thresholdBytes: 128))
    private var pending: [String] = []

    final class Connection: ServerConnection {
        private(set) var hasFailed = false
        private(set) var texts = 0
        private(set) var statuses: [Int] = []
        var admittedControlFrames = Int.max
        var rests = true

        override var mayRest: Bool { rests }

        override func responded(status: Int) { statuses.append(status) }

        override func text(_ bytes: UnsafeRawBufferPointer) { texts += 1 }

        override func admitsControlFrame() -> Bool {
            admittedControlFrames -= 1
            return admittedControlFrames >= 0
        }

        override func decide(_ head: HTTPRequestHead, body: ByteBuffer) -> HTTPDecision {
            switch head.path {
            case "/ws": .upgrade(subprotocol: nil)
            case "/later": .later
            default: .respond(HTTPResponse(status: 200))
            }
        }

        override func closed(_ cause: CloseCause) {
            super.closed(cause)
            if case .failed = cause { hasFailed = true }
        }
    }

    init(
        assemblyNanoseconds: UInt64 = 0, heartbeatNanoseconds: UInt64 = 30_000_000_000,
        configuration: EventLoopConfiguration = .init()
    ) throws {
        loop = try EventLoop(configuration: configuration)
        let sockets = try socketPair()
        far = sockets.far
        connection = Connection(
            fileDescriptor: sockets.near, peer: .unix,
            settings: ServerSettings(
                heartbeatNanoseconds: heartbeatNanoseconds, assemblyNanoseconds: assemblyNanoseconds))
        loop.adopt(connection)
        connection.started()
        loop.onTurnEnd = { [unowned self] in
            for text in pending { publish(text) }
            pending = []
            fanout.flush()
        }
    }

    func close() {
        loop.close()
        _ = Glibc.close(far)
    }

    /// A further connection of the loop. - Returns: its far end.
    func neighbour() throws -> Int32 {
        let (near, far) = try socketPair()
        loop.adopt(Channel(fileDescriptor: near))
        return far
    }

    /// Nothing of the loop runs for so long.
    func standStill(forNanoseconds span: UInt64) {
        let end = Clock.monotonicNanoseconds() + span
        while Clock.monotonicNanoseconds() < end {}
    }

    func turn() { loop.runOnce(timeoutMilliseconds: 0) }

    /// The connection looks at the class from here on.
    func look() {
        fanout.setView(
            of: connection, classIndex: log.key.index, view: ViewID(index: 0), position: log.end,
            from: LogPosition(epoch: 1, offset: 0))
    }

    /// An event that comes behind the turn's input and before its flush.
    func publishBeforeFlush(_ text: String) { pending.append(text) }

    private func publish(_ text: String) {
        var text = text
        let (segment, start, end) = text.withUTF8 { log.append(payload: UnsafeRawBufferPointer($0)) }
        fanout.receive(
            Delivery(
                classIndex: log.key.index, segment: segment, start: start, end: end, views: [ViewID(index: 0)],
                note: FrameNote(subject: 0, offset: 1)))
    }

    func say(_ text: String) { say(bytes: Array(text.utf8)) }

    func say(bytes: [UInt8], from end: Int32? = nil) {
        _ = send(end ?? far, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func hearBytes() -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(far, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        return Array(chunk[..<max(0, count)])
    }

    func hear() -> String { String(decoding: hearBytes(), as: UTF8.self) }
}
