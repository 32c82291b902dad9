import Bytes
import Grid

/// Reads what QUBIX clients say: `{"type": …, "subscriptionId": …}`, keys in any order, others passed over.
enum QubixDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> QubixMessage {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        var type: JSONText?
        var subject: String?
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.name("type")
            case "subscriptionId": subject = try reader.text("subscriptionId", limit: Limits.roomNameBytes)
            default: try reader.skip()
            }
        }
        try reader.finish()
        let known = try reader.required(type, "type")
        switch known {
        case "ping": return .ping
        case "subscribe:marketplace": return .subscribe(.marketplace)
        case "subscribe:provider":
            return .subscribe(try checked(QubixSubscription(provider: required(subject, reader))))
        case "subscribe:job": return .subscribe(try checked(QubixSubscription(job: required(subject, reader))))
        case "unsubscribe": return .unsubscribe(id: try required(subject, reader))
        default: throw MessageType.unknown(known)
        }
    }

    private static func required(_ subject: String?, _ reader: MessageReader) throws(WireError) -> String {
        try reader.required(subject, "subscriptionId")
    }

    /// An identifier has at least one byte, and a job's at most as many as a job can have.
    private static func checked(_ subscription: QubixSubscription) throws(WireError) -> QubixSubscription {
        let name: String
        switch subscription {
        case .marketplace, .provider: return subscription
        case .nobody(let text): name = text
        case .job(let text): name = text
        }
        guard (1...Limits.jobIDBytes).contains(name.utf8.count) else {
            throw WireError(
                .invalidMessage, field: "subscriptionId", "an identifier has 1 to \(Limits.jobIDBytes) bytes")
        }
        return subscription
    }
}
