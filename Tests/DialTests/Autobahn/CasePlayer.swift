import Glibc
import Reactor
import Testing
import Web

@testable import Dial

/// One case: what a server sends, and what our client must do about it.
struct ClientCase: CustomTestStringConvertible, Sendable {
    /// The suite's number for it.
    let id: String
    /// The answer to the client's offer of compression; `nil` where the case is not about it.
    var extensions: String?
    /// The window that the answer leaves to the client.
    var clientWindowBits: Int32 = 15
    let play: @Sendable (CasePlayer) throws -> Void

    init(
        _ id: String, extensions: String? = nil, clientWindowBits: Int32 = 15,
        play: @escaping @Sendable (CasePlayer) throws -> Void
    ) {
        (self.id, self.extensions, self.clientWindowBits, self.play) = (id, extensions, clientWindowBits, play)
    }

    /// Frames that are answered and leave the connection in order.
    static func answered(
        _ id: String, _ frames: [CaseFrame], _ answers: [CaseServer.Seen], pieces: CasePieces = .one
    ) -> ClientCase {
        ClientCase(id) { player in
            try player.send(frames, in: pieces)
            try player.hears(answers)
            try player.closes()
        }
    }

    /// Frames of which the last breaks the rules: what stands before it is answered, what follows never is.
    static func failed(
        _ id: String, _ frames: [CaseFrame], after answers: [CaseServer.Seen] = [], code: UInt16 = 1002,
        pieces: CasePieces = .one
    ) -> ClientCase {
        ClientCase(id) { player in
            try player.send(frames + [.ping("late"), .text("late"), .close(1000)], in: pieces)
            try player.isFailed(with: code, after: answers)
        }
    }

    /// Frames with a close among them, which the client answers.
    static func closed(
        _ id: String, _ frames: [CaseFrame], after answers: [CaseServer.Seen] = [], code: UInt16? = 1000,
        reason: String = ""
    ) -> ClientCase {
        ClientCase(id) { player in
            try player.send(frames)
            try player.isClosed(with: code, reason: reason, after: answers)
        }
    }

    var testDescription: String { id }

    /// Plays it on a connection of its own.
    func check() throws {
        let player = try CasePlayer(self)
        defer { player.close() }
        try play(player)
    }
}

/// What a client did that it must not do, or did not do that it must.
struct CaseFault: Error, CustomStringConvertible {
    let description: String
}

/// How a case's bytes are written to the socket.
enum CasePieces: Sendable {
    case one, frames
    /// Pieces of as many bytes, each of which the client has before the next is written.
    case chops(Int)
}

/// A loop with both ends of one connection on it, turned by hand.
final class CasePlayer {
    let server: CaseServer
    private let loop: EventLoop
    private let listener: Listener
    private let dialer: WebSocketDialer
    private let client = EchoingDelegate()
    /// How much of what the server saw has been judged.
    private var judged = 0

    private static let messageBytes = 32 << 20

    init(_ play: ClientCase) throws {
        let loop = try EventLoop()
        self.loop = loop
        var accepted: CaseServer?
        listener = try Listener(address: .ipv4(0x7F00_0001, port: 0), on: loop) { descriptor, _ in
            let channel = CaseServer(fileDescriptor: descriptor)
            channel.queueByteLimit = .max
            channel.extensions = play.extensions
            if play.extensions != nil { channel.deflate = CaseDeflate(clientWindowBits: play.clientWindowBits) }
            loop.adopt(channel)
            accepted = channel
        }
        dialer = WebSocketDialer(on: loop)
        var request = WebSocketRequest(
            url: try ServiceURL(parsing: "ws://127.0.0.1:\(listener.boundAddress.port ?? 0)/runCase"))
        request.maximumMessageBytes = Self.messageBytes
        request.maximumFragments = 1 << 20
        request.queueByteLimit = Self.messageBytes
        request.closeTimeoutMilliseconds = 60_000
        request.offersDeflate = play.extensions != nil
        dialer.dial(request, delegate: client)
        try Self.turn(loop) { [client] in client.isOpen || client.ending != nil }
        guard let accepted, client.isOpen else {
            throw CaseFault(description: "the handshake failed: \(String(describing: client.ending))")
        }
        server = accepted
    }

    func close() {
        listener.close()
        dialer.close()
        loop.close()
    }

    // MARK: What the server does

    /// Sends frames.
    func send(_ frames: [CaseFrame], in pieces: CasePieces = .one) throws {
        var bytes: [UInt8] = []
        switch pieces {
        case .one:
            for frame in frames { frame.append(to: &bytes) }
            server.send(bytes)
        case .frames:
            for frame in frames {
                bytes.removeAll(keepingCapacity: true)
                frame.append(to: &bytes)
                send(bytes)
            }
        case .chops(let size):
            for frame in frames { frame.append(to: &bytes) }
            for start in stride(from: 0, to: bytes.count, by: size) {
                send(Array(bytes[start..<min(start + size, bytes.count)]))
            }
        }
    }

    /// Sends bytes and lets the client have them.
    func send(_ bytes: [UInt8]) {
        if server.isClosed { return }
        server.send(bytes)
        loop.runOnce(timeoutMilliseconds: 0)
    }

    /// Lets everything that is under way arrive: both ends are on this loop, and the way is the kernel's alone.
    private func settle() { for _ in 0..<8 { loop.runOnce(timeoutMilliseconds: 0) } }

    /// Turns the loop until `condition` holds; gives up where that takes a minute.
    private static func turn(_ loop: EventLoop, until condition: () -> Bool) throws {
        let limit = Clock.monotonicNanoseconds() + 60_000_000_000
        while !condition() {
            loop.runOnce(timeoutMilliseconds: 100)
            guard condition() || Clock.monotonicNanoseconds() < limit else {
                throw CaseFault(description: "nothing came")
            }
        }
    }

    // MARK: What the client must do

    /// The client answers exactly this, in this order.
    func hears(_ answers: [CaseServer.Seen]) throws {
        try Self.turn(loop) { server.seen.count >= judged + answers.count || server.isLeft }
        let heard = Array(server.seen[judged...])
        try demand(heard == answers, "\(heard) instead of \(answers)")
        judged += answers.count
    }

    /// A message goes out and comes back as it was.
    func exchange(_ opcode: UInt8, _ payload: [UInt8], frames: [CaseFrame]) throws {
        try send(frames)
        try hears([opcode == 1 ? .text(Octets(payload)) : .binary(Octets(payload))])
    }

    /// The client is content with what it has, and says nothing.
    func staysSilent() throws {
        settle()
        try demand(client.ending == nil && !server.isLeft, "the client gave up")
        try saysNothingMore()
    }

    /// We close, the client answers in kind and leaves the end of the stream to us.
    func closes() throws {
        try send([.close(1000)])
        try isClosed(with: 1000)
    }

    /// The client has answered our close; it says nothing more, and waits for the end of the stream, which is ours.
    func isClosed(with code: UInt16?, reason: String = "", after answers: [CaseServer.Seen] = []) throws {
        try hears(answers + [.close(code)])
        settle()
        try saysNothingMore()
        try demand(!server.isLeft && client.ending == nil, "the client ended the stream, which was the server's to do")
        server.close()
        try Self.turn(loop) { client.ending != nil }
        try demand(client.ending == .closed(code: code, reason: reason), "ended with \(client.ending as Any)")
    }

    /// The client has said what is wrong, and nothing after it.
    func isFailed(with code: UInt16, after answers: [CaseServer.Seen] = []) throws {
        try hears(answers + [.close(code)])
        settle()
        try saysNothingMore()
        server.close()
        try Self.turn(loop) { client.ending != nil }
        guard case .failed(.protocolBroken(closeCode: code, reason: _))? = client.ending else {
            throw CaseFault(description: "ended with \(client.ending as Any)")
        }
    }

    private func saysNothingMore() throws {
        let more = server.seen[judged...]
        try demand(more.isEmpty, "\(Array(more)) instead of silence")
    }

    private func demand(_ condition: Bool, _ fault: @autoclosure () -> String) throws {
        if let refused = client.refused { throw CaseFault(description: "an echo of \(refused) bytes was refused") }
        guard condition else { throw CaseFault(description: fault()) }
    }
}

/// Answers each message with itself.
private final class EchoingDelegate: WebSocketClientDelegate {
    private(set) var isOpen = false
    private(set) var ending: WebSocketEnding?
    /// The size of an echo that the client would not send.
    private(set) var refused: Int?

    func webSocketOpened(_ client: WebSocketClient, agreement: WebSocketAgreement) { isOpen = true }

    func webSocketDialFailed(_ dial: WebSocketDial, error: DialError) { ending = .failed(error) }

    func webSocket(_ client: WebSocketClient, text: UnsafeRawBufferPointer) {
        if !client.send(text: text) { refused = text.count }
    }

    func webSocket(_ client: WebSocketClient, binary: UnsafeRawBufferPointer) {
        if !client.send(binary: binary) { refused = binary.count }
    }

    func webSocketEnded(_ client: WebSocketClient, ending: WebSocketEnding) { self.ending = ending }
}
