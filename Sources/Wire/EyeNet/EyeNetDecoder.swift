import Bytes
import Grid

/// Reads what EyeNet clients say: keys in any order, others passed over.
enum EyeNetDecoder {
    static func decode(_ packet: SocketIOPacket) throws(WireError) -> EyeNetMessage {
        guard let event = packet.event else { throw WireError(.unknownType, "an event has a name here") }
        switch event {
        case "subscribe": return .subscribe(try subscription(packet))
        case "unsubscribe": return .unsubscribe(try subscription(packet))
        default: throw MessageType.unknown(event)
        }
    }

    /// The first argument; others are passed over.
    private static func subscription(_ packet: SocketIOPacket) throws(WireError) -> EyeNetSubscription {
        var argument: UnsafeRawBufferPointer?
        packet.forEachArgument { argument = argument ?? $0 }
        guard let argument else { throw WireError(.invalidMessage, "expected a JSON object") }
        // The packet's own array is around it.
        var reader = MessageReader(argument, insideDepth: 1)
        try reader.beginMessage()
        var type: JSONText?
        var id: String?
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.name("type")
            case "id": id = try reader.text("id", limit: Limits.roomNameBytes)
            default: try reader.skip()
            }
        }
        try reader.finish()
        let kind = try reader.required(type, "type")
        let subject = try reader.required(id, "id")
        switch kind {
        case "device":
            guard (1...Limits.jobIDBytes).contains(subject.utf8.count) else {
                throw WireError(.invalidMessage, field: "id", "an identifier has 1 to \(Limits.jobIDBytes) bytes")
            }
            return EyeNetSubscription(device: subject)
        case "topic":
            guard let topic = EyeNetTopic(rawValue: subject) else {
                let names = EyeNetTopic.allCases.map(\.rawValue).joined(separator: ", ")
                throw WireError(.unknownRoom, field: "id", "the topics are \(names)")
            }
            return .topic(topic)
        default:
            throw WireError(.invalidMessage, field: "type", "one subscribes to a device or a topic")
        }
    }

    static func introduction(_ auth: UnsafeRawBufferPointer) throws(WireError) -> EyeNetIntroduction {
        var introduction = EyeNetIntroduction()
        guard !auth.isEmpty else { return introduction }
        var reader = MessageReader(auth)
        try reader.beginMessage()
        while let key = try reader.nextKey() {
            switch key {
            case "token": introduction.token = try reader.text("token", limit: Limits.tokenBytes)
            case "publicKey":
                let isKey = try reader.kind() != .null
                let value = try reader.raw()
                introduction.publicKey = isKey ? value : nil
            default: try reader.skip()
            }
        }
        try reader.finish()
        return introduction
    }
}
