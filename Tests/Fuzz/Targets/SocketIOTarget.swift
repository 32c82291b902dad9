import Bytes
import Web
import Wire

extension FuzzTarget {
    /// Socket.IO: a payload of Engine.IO is the messages of a session. What is understood can be said again and is
    /// understood alike, answers are packets, and what is held has its limits.
    static let socketIO = FuzzTarget("socket-io") { input in
        let body = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
        defer { body.deallocate() }
        body.copyBytes(from: input)
        var run = SocketIORun()
        var payload = EngineIOPayloadReader(body)
        do {
            while let packet = try payload.next() {
                guard packet.type == .message else { continue }
                try run.take(packet.data, isBinary: packet.isBinary)
            }
        } catch is EngineIOError {
            return
        }
    }
}

/// One client's messages, checked as they come.
private struct SocketIORun {
    private static let limits = SocketIOLimits(
        attachments: 3, attachmentBytes: 40, namespaceBytes: 12, idDigits: 6, depth: 6)

    private var receiver = SocketIOReceiver(limits: limits)
    private var session = SocketIOSession(namespaces: ["/", "/ws"])
    private var error: SocketIOError?

    mutating func take(_ data: UnsafeRawBufferPointer, isBinary: Bool) throws {
        // In a block of its own that goes at once: a packet with attachments must not lie in it.
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 1)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: data)
        let message = UnsafeRawBufferPointer(bytes)
        do {
            let packet = try isBinary ? receiver.receive(binary: message) : receiver.receive(text: message)
            try require(error == nil, "a packet behind an error")
            if let packet { try check(packet) }
        } catch let thrown as SocketIOError {
            try require(error == nil || error == thrown, "an error gave way to another")
            try require(receiver.pendingByteCount == 0, "bytes are held behind an error")
            error = thrown
        }
        if receiver.isWithinPacket {
            try require(receiver.pendingByteCount <= 4096 + 40, "\(receiver.pendingByteCount) bytes are held")
        }
    }

    private mutating func check(_ packet: SocketIOPacket) throws {
        try require(packet.attachments.count == packet.attachmentCount, "attachments are missing")
        try require(packet.attachments.reduce(0) { $0 + $1.count } <= 40, "attachments beyond their limit")
        let isPlain = packet.namespace.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        try require(isPlain && packet.namespace.count <= 12, "a namespace that may not be")
        try require(packet.id ?? 0 < 1_000_000, "an id beyond its digits")
        try rewrite(packet)
        var answer = ByteBuffer()
        switch session.receive(packet, into: &answer) {
        case .connect(let namespace, let auth):
            try require(auth.isEmpty || auth.first == UInt8(ascii: "{"), "no object to connect with")
            if packet.payload.count % 2 == 0 {
                session.accept(namespace, sid: "s", into: &answer)
            } else {
                session.refuse(namespace, message: "no", into: &answer)
            }
        case .event(let namespace, _), .ack(let namespace, _):
            try require(session.isConnected(namespace), "a packet from outside")
        case .disconnect(let namespace): try require(!session.isConnected(namespace), "gone and still there")
        case .refused: try require(!answer.isEmpty, "a refusal without a word")
        case .close: session = SocketIOSession(namespaces: ["/", "/ws"])
        }
        guard !answer.isEmpty else { return }
        try answer.withBytes { bytes in
            try require(!bytes.contains(0x1E), "an answer of two packets")
            do throws(SocketIOError) { _ = try SocketIOPacket(bytes) } catch {
                throw FuzzFinding("no answer: \(error)")
            }
        }
    }

    /// Fails unless the packet, said again in plain words, is understood alike.
    private func rewrite(_ packet: SocketIOPacket) throws {
        let isEvent = packet.type == .event || packet.type == .binaryEvent
        guard isEvent || packet.type == .ack || packet.type == .binaryAck else { return }
        let namespace = packet.namespaceName
        var values: [[UInt8]] = []
        packet.forEachArgument { values.append([UInt8]($0)) }
        func write(_ writer: inout JSONWriter) {
            for value in values { value.withUnsafeBytes { writer.raw(bytes: $0) } }
        }
        var text = ByteBuffer()
        if isEvent {
            SocketIOEncoder.event(
                "name", in: namespace, id: packet.id, attachments: packet.attachmentCount, into: &text, write)
        } else {
            SocketIOEncoder.ack(
                packet.id ?? 0, in: namespace, attachments: packet.attachmentCount, into: &text, write)
        }
        try text.withBytes { bytes in
            let again = try SocketIOPacket(bytes, limits: Self.limits)
            var valuesAgain: [[UInt8]] = []
            again.forEachArgument { valuesAgain.append([UInt8]($0)) }
            try require(valuesAgain == values, "\(values) became \(valuesAgain)")
            try require(
                again.id == packet.id && again.namespaceName == namespace
                    && again.attachmentCount == packet.attachmentCount, "\(text.text) is another packet")
        }
    }
}
