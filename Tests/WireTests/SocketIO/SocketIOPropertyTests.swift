import Bytes
import Testing

@testable import Wire

/// Seeded packets: what is encoded is decoded alike, damage is refused or understood, and nothing traps.
@Suite("Socket.IO under chance")
struct SocketIOPropertyTests {
    private static let rounds = 400
    private static let texts = ["", "a", "é€😀", "\"\\\n", "_placeholder", "\u{1E}", ","]

    /// A JSON value, with placeholders for attachments where there are any.
    private static func value(_ random: inout Seeded, depth: Int, attachments: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: return "\(Int.random(in: -1000...1000, using: &random))"
        case 1: return ["null", "true", "false", "1.5e3"].randomElement(using: &random) ?? "null"
        case 2, 3:
            var writer = JSONWriter()
            writer.string(texts.randomElement(using: &random) ?? "")
            return writer.buffer.text
        case 4:
            guard attachments > 0 else { return "{}" }
            return "{\"_placeholder\":true,\"num\":\(Int.random(in: 0..<attachments, using: &random))}"
        case 5, 6:
            let count = Int.random(in: 0...3, using: &random)
            let values = (0..<count).map { _ in value(&random, depth: depth - 1, attachments: attachments) }
            return "[" + values.joined(separator: ",") + "]"
        default:
            let count = Int.random(in: 0...3, using: &random)
            let members = (0..<count).map { "\"k\($0)\":" + value(&random, depth: depth - 1, attachments: attachments) }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    /// An event or acknowledgement as it is sent, and as it has to be understood.
    private static func packet(_ random: inout Seeded) -> (text: String, seen: SocketIOPacketTests.Seen) {
        let namespace = ["/", "/ws", "/custom", "/é"].randomElement(using: &random) ?? "/"
        let attachments = Bool.random(using: &random) ? Int.random(in: 1...10, using: &random) : 0
        let values = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            value(&random, depth: 4, attachments: attachments)
        }
        func write(_ writer: inout JSONWriter) {
            for value in values { Array(value.utf8).withExact { writer.raw(bytes: $0) } }
        }
        let number = UInt64.random(in: 0...9_007_199_254_740_991, using: &random)
        if Bool.random(using: &random) {
            let text = written {
                SocketIOEncoder.ack(number, in: namespace, attachments: attachments, into: &$0, write)
            }
            return (
                text,
                SocketIOPacketTests.Seen(
                    attachments > 0 ? .binaryAck : .ack, namespace, id: number, attachments: attachments,
                    "[" + values.joined(separator: ",") + "]", values)
            )
        }
        let id = Bool.random(using: &random) ? number : nil
        let text = written {
            SocketIOEncoder.event(
                "device:metrics", in: namespace, id: id, attachments: attachments, into: &$0, write)
        }
        return (
            text,
            SocketIOPacketTests.Seen(
                attachments > 0 ? .binaryEvent : .event, namespace, id: id, attachments: attachments,
                "[" + (["\"device:metrics\""] + values).joined(separator: ",") + "]", event: "device:metrics", values)
        )
    }

    @Test("what is encoded is decoded alike", arguments: 0..<8)
    func roundTrip(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<Self.rounds {
            let (text, expected) = Self.packet(&random)
            #expect(try SocketIOPacketTests.seen(text) == expected)
        }
    }

    @Test("a packet is put together from its messages, whatever came before it", arguments: 0..<8)
    func assembly(seed: UInt64) throws {
        var random = Seeded(seed)
        var receiver = SocketIOReceiver()
        for _ in 0..<Self.rounds {
            let (text, expected) = Self.packet(&random)
            let attachments = (0..<expected.attachments).map { _ in
                (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            let frames = [SocketIOFrame.text(text)] + attachments.map(SocketIOFrame.binary)
            let reading = SocketIOReceiverTests.packets(frames, &receiver)
            #expect(reading.error == nil)
            #expect(reading.packets == [([expected.payload] + attachments.map { "\($0)" }).joined(separator: " ")])
        }
    }

    @Test("a damaged packet is refused, or says what it says", arguments: 0..<8)
    func damage(seed: UInt64) {
        var random = Seeded(seed)
        let tokens = [
            "5", "6-", "/", ",", "[", "]", "{", "}", "\"", "{\"_placeholder\":true,\"num\":9}", "99", "\u{1E}",
        ]
        for _ in 0..<Self.rounds {
            var bytes = Array(Self.packet(&random).text.utf8)
            for _ in 0...Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
                case 2: bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: place)
                default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
                }
            }
            bytes.withExact { bytes in
                guard let packet = try? SocketIOPacket(bytes) else { return }
                let seen = SocketIOPacketTests.Seen(packet)
                #expect(seen.namespace.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
                #expect(seen.attachments <= 10 && seen.namespace.utf8.count <= 128)
                let again = SocketIOPacketTests.rewritten(packet)
                #expect((try? SocketIOPacketTests.seen(again))?.values == seen.values, "\(again)")
            }
        }
    }
}

extension SocketIOPacketTests {
    /// The packet said again in the usual order and spelling.
    static func rewritten(_ packet: SocketIOPacket) -> String {
        var text = String(UnicodeScalar(packet.type.rawValue))
        if packet.type.isBinary { text += "\(packet.attachmentCount)-" }
        if !packet.isOf("/") { text += packet.namespaceName + "," }
        if let id = packet.id { text += "\(id)" }
        return text + String(decoding: packet.payload, as: UTF8.self)
    }
}
