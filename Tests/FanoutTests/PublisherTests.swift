import Bytes
import Grid
import Testing
import Wire

@testable import Fanout

@Suite("Publisher")
struct PublisherTests {
    private static let event = LoggedEvent(
        position: LogPosition(epoch: 1, offset: 1), at: Timestamp(milliseconds: 0), facts: EventFacts(),
        event: .nodeStatus(
            NodeStatusChanged(
                node: NodeID(UUID128(high: 1, low: 2)), status: .online, previous: nil, currentTask: nil,
                updatedAt: Timestamp(milliseconds: 0), sample: nil, health: .unknown)))
    private static let long = String(repeating: "a long payload that shrinks ", count: 20)

    @Test("both framings get every event, compressed once whatever the number of subscribers")
    func sharesCompression() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let plain = try (0..<5).map { _ in try bench.connect() }
        let packed = try (0..<20).map { _ in try bench.connect() }
        for peer in plain { bench.setView(peer, 0) }
        for peer in packed { bench.setView(peer, 0, framing: .webSocketDeflate) }
        let messages = (0..<10).flatMap { ["\($0)", "\(Self.long)\($0)"] }
        for message in messages { bench.publish(message, views: [0]) }
        bench.settle()
        for peer in plain {
            #expect(peer.texts == messages)
            #expect(peer.compressedCount == 0)
        }
        for peer in packed {
            #expect(peer.texts == messages)
            #expect(peer.compressedCount == 10)
        }
        #expect(bench.publisher?.publishedCount == 20)
        #expect(bench.publisher?.compressedCount == 10)
    }

    @Test("nothing is compressed when nobody reads it so")
    func lazy() throws {
        let bench = try FanoutBench()
        defer { bench.close() }
        let peer = try bench.connect()
        bench.setView(peer, 0, framing: .webSocketDeflate)
        bench.setView(peer, nil, framing: .webSocketDeflate)
        bench.setView(try bench.connect(), 0)
        bench.publish(Self.long, views: [0])
        bench.settle()
        #expect(bench.publisher?.compressedCount == 0)
        #expect(bench.publisher?.publishedCount == 1)
        #expect(peer.texts.isEmpty)
    }

    @Test("a slow reader of compressed frames gets them whole and in order")
    func slowReader() throws {
        var limits = FanoutLimits()
        // Nobody is to go for its slowness, however slow the machine is.
        limits.stalledNanoseconds = .max / 2
        limits.conflatedNanoseconds = .max / 2
        let bench = try FanoutBench(limits: limits)
        defer { bench.close() }
        let peer = try bench.connect(socketBytes: 4096)
        bench.setView(peer, 0, framing: .webSocketDeflate)
        // Numbers hardly shrink, so that the socket is full before the end.
        let messages = (0..<400).map { number in (0..<60).map { "\($0 &* 7919 ^ number &* 104_729)" }.joined() }
        for message in messages {
            bench.publish(message, views: [0])
            bench.turn()
        }
        #expect(bench.fanout.statistics.blocked > 0)
        bench.settle()
        #expect(peer.texts == messages)
        #expect(peer.compressedCount == messages.count)
    }

    @Test("an event is encoded once a dialect, whatever the framings")
    func encodesOnce() throws {
        var encodings = 0
        var deliveries = 0
        let publisher = Publisher(
            loops: 1,
            encode: { _, _, buffer in
                encodings += 1
                buffer.append("{}")
            },
            emit: { _, message in if case .delivery = message { deliveries += 1 } })
        for (number, framing) in ClassKey.framings.enumerated() {
            let key = ClassKey(room: Self.event.event.room, dialect: .native, framing: framing)
            publisher.setView(
                SessionID(bits: UInt64(number)), loop: 0, key: key, view: ViewID(index: 0), from: Self.event.position)
        }
        publisher.publish(Self.event, views: [ViewID(index: 0)])
        #expect(encodings == 1)
        #expect(deliveries == ClassKey.framings.count)
        #expect(publisher.encodedCount == 1)
        #expect(publisher.publishedCount == 1)
    }

    @Test("each dialect encodes an event once, and one of whose views none matches does not at all")
    func audiences() {
        var encoded: [Dialect] = []
        var deliveries: [Int] = []
        let publisher = Publisher(
            loops: 1,
            encode: { dialect, _, buffer in
                encoded.append(dialect)
                buffer.append("{}")
            },
            emit: { _, message in if case .delivery(let delivery) = message { deliveries.append(delivery.classIndex) } }
        )
        let room = Self.event.event.room
        var views: [ViewID] = []
        for (number, dialect) in Dialect.allCases.enumerated() {
            let view = ViewID(index: UInt32(number), audience: dialect.rawValue)
            views.append(view)
            for (place, framing) in ClassKey.framings.enumerated() {
                publisher.setView(
                    SessionID(bits: UInt64(8 * number + place)), loop: 0,
                    key: ClassKey(room: room, dialect: dialect, framing: framing), view: view,
                    from: Self.event.position)
            }
        }
        for (number, dialect) in Dialect.allCases.enumerated() {
            publisher.publish(Self.event, views: [views[number]])
            #expect(encoded == [dialect])
            #expect(deliveries == ClassKey.framings.map { ClassKey(room: room, dialect: dialect, framing: $0).index })
            encoded.removeAll()
            deliveries.removeAll()
        }
        publisher.publish(Self.event, views: views)
        #expect(encoded == Dialect.allCases)
        #expect(Set(deliveries).count == Dialect.allCases.count * ClassKey.framings.count)
        #expect(publisher.statistics.encodedByDialect == Dialect.allCases.map { _ in 2 })
    }
}
