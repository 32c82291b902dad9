import Bytes
import Grid

/// Reads the small messages of the agent link, a function each; their type is known already.
enum AgentDecoder {
    /// A reader inside the message, before its first key.
    static func open(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> MessageReader {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        return reader
    }

    static func proof(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> AgentProof {
        var reader = try open(bytes)
        var signature: [UInt8]?
        while let key = try reader.nextKey() {
            switch key {
            case "signature": signature = try reader.bytes("signature", count: AgentProof.signatureBytes)
            default: try reader.skip()
            }
        }
        try reader.finish()
        return AgentProof(signature: try reader.required(signature, "signature"))
    }

    static func challenge(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> AgentChallenge {
        var reader = try open(bytes)
        var coordinator: UUID128?
        var nonce: [UInt8]?
        var node: UUID128?
        while let key = try reader.nextKey() {
            switch key {
            case "coordinator": coordinator = try reader.uuid("coordinator")
            case "nonce": nonce = try reader.bytes("nonce", count: AgentChallenge.nonceBytes)
            case "node": node = try reader.uuid("node")
            default: try reader.skip()
            }
        }
        try reader.finish()
        return AgentChallenge(
            coordinatorID: try reader.required(coordinator, "coordinator"),
            nonce: try reader.required(nonce, "nonce"),
            node: NodeID(try reader.required(node, "node")))
    }

    static func welcome(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> AgentWelcome {
        var reader = try open(bytes)
        var session: UUID128?
        var epoch: UInt64?
        var interval: UInt32?
        var acked: UInt64?
        while let key = try reader.nextKey() {
            switch key {
            case "session": session = try reader.uuid("session")
            case "epoch": epoch = try reader.amount("epoch")
            case "interval_ms": interval = try reader.whole("interval_ms", in: samplingInterval)
            case "acked": acked = try reader.amount("acked")
            default: try reader.skip()
            }
        }
        try reader.finish()
        return AgentWelcome(
            session: try reader.required(session, "session"),
            epoch: try reader.required(epoch, "epoch"),
            intervalMilliseconds: try reader.required(interval, "interval_ms"),
            acked: try reader.required(acked, "acked"))
    }

    static func ack(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> UInt64 {
        var reader = try open(bytes)
        var sequence: UInt64?
        while let key = try reader.nextKey() {
            switch key {
            case "seq": sequence = try reader.amount("seq")
            default: try reader.skip()
            }
        }
        try reader.finish()
        return try reader.required(sequence, "seq")
    }

    static func advice(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> UInt32 {
        var reader = try open(bytes)
        var interval: UInt32?
        while let key = try reader.nextKey() {
            switch key {
            case "interval_ms": interval = try reader.whole("interval_ms", in: samplingInterval)
            default: try reader.skip()
            }
        }
        try reader.finish()
        return try reader.required(interval, "interval_ms")
    }

    static func refused(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> CoordinatorMessage {
        var reader = try open(bytes)
        var code: String?
        var message: String?
        while let key = try reader.nextKey() {
            switch key {
            case "code": code = try reader.text("code", limit: Limits.readingTextBytes)
            case "message": message = try reader.text("message", limit: 4 * Limits.readingTextBytes)
            default: try reader.skip()
            }
        }
        try reader.finish()
        return .refused(code: try reader.required(code, "code"), message: message ?? "")
    }

    /// The reason of a `goodbye`; an absent one is empty.
    static func reason(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> String {
        var reader = try open(bytes)
        var reason: String?
        while let key = try reader.nextKey() {
            switch key {
            case "reason": reason = try reader.text("reason", limit: Limits.readingTextBytes)
            default: try reader.skip()
            }
        }
        try reader.finish()
        return reason ?? ""
    }

    private static let samplingInterval =
        UInt32(Limits.sampleIntervalMilliseconds.lowerBound)...UInt32(Limits.sampleIntervalMilliseconds.upperBound)
}
