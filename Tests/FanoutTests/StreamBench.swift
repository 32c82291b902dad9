import Bytes
import Glibc
import Grid
import Reactor
import Testing
import Wire

@testable import Fanout

/// Subscribers of streams at the ends of socket pairs, driven turn by turn, beside subscribers of messages.
final class StreamBench {
    let loop: EventLoop
    let fanout: LoopFanout
    private(set) var publisher: Publisher?
    private var peers: [UInt64: Peer] = [:]
    private var nextSession: UInt64 = 1
    /// Where the logs stand.
    private(set) var offsets: [BaseRoom: UInt64] = [.nodes: 0, .general: 0]

    /// One event as a client of a stream reads it.
    struct Heard: Equatable {
        var id: [BaseRoom: UInt64]?
        var type: String
        var data: String
    }

    /// The far end of a subscriber.
    final class Peer {
        let session: SessionID
        let subscriber: Subscriber
        fileprivate let descriptor: Int32
        private var unread: [UInt8] = []
        /// Whether the bytes were those of a chunked body with whole events in its chunks.
        private(set) var isWellFormed = true
        private(set) var heard: [Heard] = []

        fileprivate init(session: SessionID, subscriber: Subscriber, descriptor: Int32) {
            self.session = session
            self.subscriber = subscriber
            self.descriptor = descriptor
        }

        /// Whether the last chunk is torn.
        var isTorn: Bool { !unread.isEmpty }

        /// Reads at most `limit` bytes. - Returns: how many came.
        @discardableResult
        func read(limit: Int = .max) -> Int {
            var total = 0
            var chunk = [UInt8](repeating: 0, count: 4096)
            while total < limit {
                let count = recv(descriptor, &chunk, min(chunk.count, limit - total), Int32(MSG_DONTWAIT))
                guard count > 0 else { break }
                unread.append(contentsOf: chunk[..<count])
                total += count
            }
            while takeChunk() {}
            return total
        }

        private func takeChunk() -> Bool {
            guard let end = unread.firstIndex(of: UInt8(ascii: "\r")) else { return false }
            guard let count = Int(String(decoding: unread[..<end], as: UTF8.self), radix: 16), count > 0 else {
                isWellFormed = false
                return false
            }
            guard unread.count >= end + 2 + count + 2 else { return false }
            let text = String(decoding: unread[(end + 2)..<(end + 2 + count)], as: UTF8.self)
            if !text.hasSuffix("\n\n") || unread[end + 2 + count] != UInt8(ascii: "\r") { isWellFormed = false }
            unread.removeFirst(end + 2 + count + 2)
            take(text.dropLast(2))
            return true
        }

        private func take(_ text: Substring) {
            var event = Heard(type: "", data: "")
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("id: ") {
                    let positions = StreamID.positions(String(line.dropFirst(4))) ?? []
                    event.id = Dictionary(uniqueKeysWithValues: positions.map { ($0.room, $0.position.offset) })
                } else if line.hasPrefix("event: ") {
                    event.type = String(line.dropFirst(7))
                } else if line.hasPrefix("data: ") {
                    event.data = String(line.dropFirst(6))
                } else {
                    isWellFormed = false
                }
            }
            heard.append(event)
        }
    }

    final class Subscriber: SubscriberChannel {
        private(set) var cause: SlowCause?
        private(set) var isGone = false

        override func fellBehind(_ cause: SlowCause, at positions: [RoomPosition]) {
            #expect(positions.isEmpty, "the id is the ticket")
            self.cause = cause
            closeAfterFlush()
        }

        override func conflated(_ skipped: SkippedFrames, in room: BaseRoom?) {
            #expect(room == nil)
            var data = ByteBuffer()
            data.append(decimal: skipped.count)
            var frame = ByteBuffer()
            StreamFrame.append(type: "conflated", data: data, into: &frame)
            send(frame)
        }

        override func closed(_ cause: CloseCause) {
            super.closed(cause)
            isGone = true
        }
    }

    init(limits: FanoutLimits = FanoutLimits()) throws {
        loop = try EventLoop()
        fanout = LoopFanout(limits: limits)
        let encode: Publisher.Encoder = { _, event, buffer in
            buffer.append("\(event.event.room.name) \(event.position.offset)")
            // Readings are large, so that readers fall behind.
            if event.event.isConflatable { buffer.append(String(repeating: ".", count: 900)) }
        }
        publisher = Publisher(loops: 1, encode: encode) { [unowned self] _, message in take(message) }
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

    func connect(socketBytes: Int32 = 1 << 20) throws -> Peer {
        let (near, far) = try socketPair(sendBytes: socketBytes)
        let subscriber = Subscriber(fileDescriptor: near, peer: .unix)
        loop.adopt(subscriber)
        let peer = Peer(session: SessionID(bits: nextSession), subscriber: subscriber, descriptor: far)
        peers[nextSession] = peer
        nextSession += 1
        return peer
    }

    /// The subscriber follows rooms, each through a view.
    func follow(_ peer: Peer, _ views: [BaseRoom: UInt32]) {
        let looks = BaseRoomSet(views.keys).rooms.map { room in
            StreamLook(
                room: room, view: ViewID(index: views[room] ?? 0),
                from: LogPosition(epoch: 1, offset: offsets[room] ?? 0))
        }
        publisher?.setStream(peer.session, loop: 0, looks: looks)
    }

    func look(_ peer: Peer, _ view: UInt32, framing: Framing = .webSocket) {
        publisher?.setView(
            peer.session, loop: 0, key: ClassKey(room: .nodes, dialect: .native, framing: framing),
            view: ViewID(index: view), from: LogPosition(epoch: 1, offset: offsets[.nodes] ?? 0))
    }

    func leave(_ peer: Peer) {
        peer.subscriber.close()
        publisher?.forget(peer.session, loop: 0)
    }

    /// Logs an event; one that matches no view is not published, as in the Hub.
    func publish(_ room: BaseRoom, views: [UInt32], reading: Bool = false) {
        offsets[room, default: 0] += 1
        guard !views.isEmpty else { return }
        publisher?.publish(
            Self.event(room, offsets[room] ?? 0, reading: reading), views: views.map { ViewID(index: $0) })
    }

    static func event(_ room: BaseRoom, _ offset: UInt64, reading: Bool = false) -> LoggedEvent {
        let node = NodeID(UUID128(high: 1, low: offset % 3))
        let time = Timestamp(milliseconds: 0)
        let event: RoomEvent
        if room == .general {
            event = .systemNotification(
                SystemNotification(
                    id: UUID128(high: 0, low: offset), content: NotificationContent(title: "t", message: "m"),
                    sender: UserID("root"), sentAt: time))
        } else if reading {
            let sample = NodeSample(sequence: offset, takenAt: time, intervalMilliseconds: 1000)
            event = .nodeMetrics(NodeMetrics(node: node, sample: sample, gpus: [], health: .unknown))
        } else {
            event = .nodeStatus(
                NodeStatusChanged(
                    node: node, status: .online, previous: nil, currentTask: nil, updatedAt: time, sample: nil,
                    health: .unknown))
        }
        var facts = EventFacts()
        facts.node = node
        return LoggedEvent(position: LogPosition(epoch: 1, offset: offset), at: time, facts: facts, event: event)
    }

    func turn() { loop.runOnce(timeoutMilliseconds: 0) }

    /// Turns until all sockets are quiet and all peers have read everything.
    func settle() {
        for _ in 0..<10_000 {
            turn()
            var count = 0
            for peer in peers.values { count += peer.read() }
            if count == 0 { return }
        }
    }
}
