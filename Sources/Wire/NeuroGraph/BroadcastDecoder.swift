import Bytes
public import Grid

/// What somebody wants to have said.
public struct BroadcastRequest: Hashable, Sendable {
    /// `nil`: to everybody.
    public var channel: EventChannel?
    /// To this client alone.
    public var client: UUID128?
    /// 1 to ``Limits/eventTypeBytes`` bytes.
    public var eventType: String
    /// JSON text of at most ``Limits/broadcastBytes``.
    public var data: String
}

/// Reads what is to be broadcast.
enum BroadcastDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> BroadcastRequest {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        var channel: String?
        var client: UUID128?
        var type: String?
        var data: UnsafeRawBufferPointer?
        while let key = try reader.nextKey() {
            switch key {
            case "channel": channel = try reader.text("channel", limit: 64)
            case "client_id": client = try reader.uuid("client_id")
            case "event_type": type = try reader.text("event_type", limit: Limits.eventTypeBytes)
            case "data": data = try reader.raw()
            default:
                let name = String(key.string.prefix(32))
                throw WireError(.invalidMessage, field: "\"\(name)\"", "is not known")
            }
        }
        try reader.finish()
        let eventType = try reader.required(type, "event_type")
        guard !eventType.isEmpty, eventType.utf8.allSatisfy(isNameByte) else {
            throw reader.fault("event_type", "expected letters, digits, _, -, . or :")
        }
        // To one client alone, it need not be said where.
        let asked = client == nil ? try reader.required(channel, "channel") : channel ?? everybody
        let known = EventChannel(name: asked)
        guard known != nil || asked == everybody else { throw unknown(asked) }
        guard let data else { throw reader.missing("data") }
        guard data.count <= Limits.broadcastBytes else {
            throw reader.fault("data", "longer than \(Limits.broadcastBytes) bytes")
        }
        if let event = NeuroGraphEventType(rawValue: eventType) { try check(data, of: event, in: known, reader) }
        return BroadcastRequest(
            channel: known, client: client, eventType: eventType, data: String(decoding: data, as: UTF8.self))
    }

    private static let everybody = "*"

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }

    private static func unknown(_ name: String) -> WireError {
        let known = EventChannel.allCases.map(\.name).joined(separator: ", ")
        return WireError(
            .invalidMessage, field: "channel", "\"\(name.prefix(32))\" is no channel; there are \(known), and *")
    }

    /// An event of ours means the same whoever tells it: it has its channel, and the fields that clients read.
    private static func check(
        _ data: UnsafeRawBufferPointer, of event: NeuroGraphEventType, in channel: EventChannel?, _ outer: MessageReader
    ) throws(WireError) {
        if let channel, channel != event.channel {
            throw outer.fault("event_type", "\(event.rawValue) belongs to the channel \(event.channel.name)")
        }
        var reader = MessageReader(data, insideDepth: 1)
        guard try reader.kind() == .object, try reader.beginObject("data") else {
            throw outer.fault("data", "\(event.rawValue) has an object")
        }
        var missing = event.fields
        while let key = try reader.nextKey() {
            let kind = try reader.kind()
            if let place = missing.firstIndex(where: { key == $0.name }) {
                let field = missing.remove(at: place)
                guard field.kind == kind else {
                    throw WireError(.invalidMessage, field: "data.\(field.name)", "expected \(field.kind.inWords)")
                }
            }
            try reader.skip()
        }
        guard let field = missing.first else { return }
        throw WireError(.invalidMessage, field: "data.\(field.name)", "missing")
    }
}

extension JSONKind {
    fileprivate var inWords: String {
        switch self {
        case .number: "a number"
        case .string: "a string"
        case .object: "an object"
        case .array: "an array"
        case .bool: "true or false"
        case .null: "null"
        }
    }
}
