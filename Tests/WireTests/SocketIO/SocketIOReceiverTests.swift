import Testing

@testable import Wire

@Suite("Socket.IO packets and their attachments")
struct SocketIOReceiverTests {
    private static let placeholders = "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"

    /// What a receiver made of messages: payloads with their attachments, and the error that ended it.
    struct Reading: Equatable {
        var packets: [String]
        var error: SocketIOError?

        init(_ packets: [String], _ error: SocketIOError? = nil) { (self.packets, self.error) = (packets, error) }
    }

    /// What a receiver makes of messages.
    static func packets(
        _ frames: [SocketIOFrame], _ receiver: inout SocketIOReceiver
    ) -> Reading {
        var packets: [String] = []
        func note(_ packet: SocketIOPacket?) {
            guard let packet else { return }
            let attachments = packet.attachments.map { "\([UInt8]($0))" }
            packets.append(([String(decoding: packet.payload, as: UTF8.self)] + attachments).joined(separator: " "))
        }
        for frame in frames {
            do throws(SocketIOError) {
                switch frame {
                case .text(let text):
                    try Array(text.utf8).withExact { bytes throws(SocketIOError) in
                        note(try receiver.receive(text: bytes))
                    }
                case .binary(let bytes):
                    try bytes.withExact { bytes throws(SocketIOError) in note(try receiver.receive(binary: bytes)) }
                }
            } catch {
                return Reading(packets, error)
            }
        }
        return Reading(packets)
    }

    private func packets(
        _ frames: [SocketIOFrame], _ limits: SocketIOLimits = SocketIOLimits()
    ) -> Reading {
        var receiver = SocketIOReceiver(limits: limits)
        return Self.packets(frames, &receiver)
    }

    @Test("attachments are kept in their order, and the next packet begins afresh")
    func assembles() {
        let frames: [SocketIOFrame] = [
            .text("52-[\"a\",\(Self.placeholders)]"), .binary([1]), .binary([]), "2[\"b\"]",
            "61-7[{\"_placeholder\":true,\"num\":0}]", .binary([2, 3]), "50-[\"c\"]", "2[\"d\"]",
        ]
        #expect(
            packets(frames).packets == [
                "[\"a\",\(Self.placeholders)] [1] []", "[\"b\"]", "[{\"_placeholder\":true,\"num\":0}] [2, 3]",
                "[\"c\"]", "[\"d\"]",
            ])
    }

    @Test("while attachments are due only they may come, and none comes unasked")
    func order() {
        #expect(packets(["51-[\"a\"]", "2[\"b\"]"]) == Reading([], .unexpectedText))
        #expect(packets([.binary([1])]) == Reading([], .unexpectedBinary))
        #expect(packets(["2[\"a\"]", .binary([1])]) == Reading(["[\"a\"]"], .unexpectedBinary))
        #expect(packets(["51-[\"a\"]", .binary([1]), .binary([2])]) == Reading(["[\"a\"] [1]"], .unexpectedBinary))
        #expect(packets(["50-[\"a\"]", .binary([1])]) == Reading(["[\"a\"]"], .unexpectedBinary))
    }

    @Test("attachments are limited together")
    func limits() {
        let limits = SocketIOLimits(attachmentBytes: 4)
        let start: SocketIOFrame = "53-[\"a\"]"
        #expect(packets([start, .binary([1, 2]), .binary([3, 4]), .binary([])], limits).packets.count == 1)
        #expect(packets([start, .binary([1, 2]), .binary([3, 4, 5])], limits) == Reading([], .attachmentsTooLarge))
        #expect(packets([start, .binary([1, 2, 3, 4, 5])], limits) == Reading([], .attachmentsTooLarge))
    }

    @Test("an error is final")
    func final() {
        var receiver = SocketIOReceiver()
        #expect(Self.packets(["x"], &receiver) == Reading([], .unknownType))
        #expect(Self.packets(["2[\"a\"]"], &receiver) == Reading([], .unknownType))
        #expect(Self.packets([.binary([1])], &receiver) == Reading([], .unknownType))
        var broken = SocketIOReceiver()
        #expect(Self.packets(["51-{}"], &broken) == Reading([], .wrongPayload))
    }

    @Test("what is held is what is unfinished")
    func held() {
        var receiver = SocketIOReceiver()
        #expect(receiver.pendingByteCount == 0 && !receiver.isWithinPacket)
        _ = Self.packets(["52-[\"a\"]"], &receiver)
        #expect(receiver.pendingByteCount == 8 && receiver.isWithinPacket)
        _ = Self.packets([.binary([1, 2, 3])], &receiver)
        #expect(receiver.pendingByteCount == 11)
        _ = Self.packets([.binary([1])], &receiver)
        #expect(receiver.pendingByteCount == 0 && !receiver.isWithinPacket)
        _ = Self.packets(["x"], &receiver)
        #expect(receiver.pendingByteCount == 0)
    }
}
