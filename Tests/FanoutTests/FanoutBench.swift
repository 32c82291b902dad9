import Bytes
import CLinux
import Glibc
import Grid
import Reactor
import Testing
import Web
import Wire

@testable import Fanout

/// A fan-out on one loop with subscribers at the ends of socket pairs, driven turn by turn.
final class FanoutBench {
    let loop: EventLoop
    let fanout: LoopFanout
    private(set) var publisher: Publisher?
    private(set) var peers: [UInt64: Peer] = [:]
    private var nextSession: UInt64 = 1
    /// Where the room's log stands.
    var logOffset: UInt64 = 0
    static let epoch: UInt64 = 7
    static let room = BaseRoom.nodes

    /// The far end of a subscriber.
    final class Peer {
        let session: SessionID
        let subscriber: TestSubscriber
        let descriptor: Int32
        /// Bytes read so far.
        private(set) var readCount = 0
        /// Bytes read and not parsed yet.
        var unparsed: [UInt8] = []
        /// Texts received, in order.
        var texts: [String] = []
        /// How many of them came compressed.
        private(set) var compressedCount = 0
        private let inflater = WebSocketInflater()

        init(session: SessionID, subscriber: TestSubscriber, descriptor: Int32) {
            self.session = session
            self.subscriber = subscriber
            self.descriptor = descriptor
        }

        /// Reads at most `limit` bytes and takes the whole frames out of them.
        func read(limit: Int = .max) {
            var left = limit
            var chunk = [UInt8](repeating: 0, count: 4096)
            while left > 0 {
                let count = recv(descriptor, &chunk, min(chunk.count, left), Int32(MSG_DONTWAIT))
                guard count > 0 else { break }
                unparsed.append(contentsOf: chunk[..<count])
                left -= count
                readCount += count
            }
            parse()
        }

        private func parse() {
            while unparsed.count >= 2 {
                var length = Int(unparsed[1] & 0x7F)
                var header = 2
                if length == 126 {
                    guard unparsed.count >= 4 else { return }
                    length = Int(unparsed[2]) << 8 | Int(unparsed[3])
                    header = 4
                } else if length == 127 {
                    guard unparsed.count >= 10 else { return }
                    length = unparsed[2..<10].reduce(0) { $0 << 8 | Int($1) }
                    header = 10
                }
                guard unparsed.count >= header + length else { return }
                // A frame that is no whole text frame would show that bytes were cut or mixed.
                switch unparsed[0] {
                case 0x81: texts.append(String(decoding: unparsed[header..<(header + length)], as: UTF8.self))
                case 0xC1: texts.append(inflated(Array(unparsed[..<(header + length)])))
                default: texts.append("not a text frame: \(unparsed[0])")
                }
                unparsed.removeFirst(header + length)
            }
        }

        private func inflated(_ frame: [UInt8]) -> String {
            var frame = frame
            var receiver = WebSocketReceiver(role: .client, maximumMessageBytes: 1 << 24, maximumFragments: 1)
            receiver.inflater = inflater
            compressedCount += 1
            return frame.withUnsafeMutableBytes { bytes in
                var cursor = InputCursor(bytes)
                guard case .text(let text)? = try? receiver.next(&cursor) else { return "not a compressed text" }
                return String(decoding: text, as: UTF8.self)
            }
        }
    }

    final class TestSubscriber: SubscriberChannel {
        private(set) var cause: SlowCause?
        private(set) var isGone = false
        /// Whether what waits goes out before the end.
        var saysGoodbye = false
        /// Where it was told to resume.
        private(set) var positions: [RoomPosition] = []
        var hasFallenBehind: Bool { cause != nil }

        override func fellBehind(_ cause: SlowCause, at positions: [RoomPosition]) {
            #expect(self.cause == nil, "told twice")
            self.cause = cause
            self.positions = positions
            // As a connection does that says goodbye.
            leaveViews()
            if saysGoodbye { closeAfterFlush() } else { super.fellBehind(cause, at: positions) }
        }

        /// Tells it as a text that tests can take apart.
        override func conflated(_ skipped: SkippedFrames, in room: BaseRoom?) {
            #expect(room == FanoutBench.room)
            let text = Array("!\(skipped.count) \(skipped.fromOffset) \(skipped.toOffset)".utf8)
            _ = send([0x81, UInt8(text.count)] + text)
        }
        override func closed(_ cause: CloseCause) {
            super.closed(cause)
            isGone = true
        }
    }

    convenience init(byteCap: Int) throws {
        var limits = FanoutLimits()
        limits.classBytes = byteCap
        try self.init(limits: limits)
    }

    init(limits: FanoutLimits = FanoutLimits()) throws {
        loop = try EventLoop()
        fanout = LoopFanout(limits: limits)
        publisher = Publisher(loops: 1, encode: { _, _, _ in }) { [unowned self] _, message in take(message) }
        loop.onTurnEnd = { [unowned self] in fanout.flush() }
    }

    func close() {
        loop.close()
        for peer in peers.values { _ = Glibc.close(peer.descriptor) }
    }

    private func take(_ message: Publisher.Message) {
        fanout.take(message) { session in
            guard let peer = peers[session.bits], !peer.subscriber.isGone else { return nil }
            return peer.subscriber
        }
    }

    /// A new subscriber whose socket holds about that many bytes.
    func connect(socketBytes: Int32 = 1 << 20) throws -> Peer {
        let (near, far) = try socketPair(sendBytes: socketBytes)
        let subscriber = TestSubscriber(fileDescriptor: near, peer: .unix)
        loop.adopt(subscriber)
        let peer = Peer(session: SessionID(bits: nextSession), subscriber: subscriber, descriptor: far)
        peers[nextSession] = peer
        nextSession += 1
        return peer
    }

    func setView(_ peer: Peer, _ view: UInt32?, framing: Framing = .webSocket) {
        let key = ClassKey(room: Self.room, dialect: .native, framing: framing)
        publisher?.setView(
            peer.session, loop: 0, key: key, view: view.map { ViewID(index: $0) },
            from: LogPosition(epoch: Self.epoch, offset: logOffset))
    }

    /// Logs an event and publishes its text.
    func publish(_ text: String, views: [UInt32], subject: UInt64 = 0) {
        var text = text
        logOffset += 1
        let note = FrameNote(subject: subject, offset: logOffset)
        text.withUTF8 {
            publisher?.publish(
                payload: UnsafeRawBufferPointer($0), room: Self.room, dialect: .native,
                views: views.map { ViewID(index: $0) }, note: note)
        }
    }

    /// One turn of the loop, without waiting.
    func turn() { loop.runOnce(timeoutMilliseconds: 0) }

    /// Turns until all sockets are quiet and all peers have read everything.
    func settle() {
        for _ in 0..<10_000 {
            turn()
            var before = 0
            var after = 0
            for peer in peers.values {
                before += peer.readCount
                peer.read()
                after += peer.readCount
            }
            if before == after { return }
        }
    }
}
