import Bytes
import Grid

/// Reads what NeuroGraph clients say: `{"type": …, "channels": […]}`, keys in any order, others passed over.
enum NeuroGraphDecoder {
    /// Names in one message; there are no more channels, but a name may be there twice.
    private static let names = 64

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> NeuroGraphMessage {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        var type: JSONText?
        var channels: [EventChannel]?
        var fault: WireError?
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.name("type")
            case "channels":
                // What is wrong with them matters only to messages that have channels, and `type` may stand behind.
                let raw = try reader.raw()
                do { channels = try self.channels(raw) } catch { fault = error }
            default: try reader.skip()
            }
        }
        try reader.finish()
        let known = try reader.required(type, "type")
        switch known {
        case "ping": return .ping
        case "get_subscriptions": return .getSubscriptions
        case "subscribe", "unsubscribe":
            if let fault { throw fault }
            let named = try reader.required(channels, "channels")
            return known == "subscribe" ? .subscribe(named) : .unsubscribe(named)
        default: throw MessageType.unknown(known)
        }
    }

    private static func channels(_ raw: UnsafeRawBufferPointer) throws(WireError) -> [EventChannel]? {
        var reader = MessageReader(raw, insideDepth: 1)
        guard try reader.beginArray("channels") else { return nil }
        var channels: [EventChannel] = []
        var count = 0
        while try reader.nextElement() {
            count += 1
            guard count <= names else { throw reader.fault("channels", "more than \(names) names") }
            let name = try reader.required(reader.name("channels", expected: "expected channels' names"), "channels")
            guard let channel = EventChannel.allCases.first(where: { name == $0.staticName }) else {
                throw unknown(name.string)
            }
            if !channels.contains(channel) { channels.append(channel) }
        }
        guard !channels.isEmpty else { throw reader.fault("channels", "names no channel") }
        return channels
    }

    /// The refusal of a channel's name. It is repeated in part, for the sender's log.
    static func unknown(_ name: String) -> WireError {
        let known = EventChannel.allCases.map(\.name).joined(separator: ", ")
        return WireError(
            .unknownRoom, field: "channels", "\"\(name.prefix(32))\" is no channel; there are \(known)")
    }

    /// Whether a message that came first on a connection is one that only NeuroGraph has (EVENTS 1).
    static func isDecisive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var reader = MessageReader(bytes)
        var isSubscription = false
        var hasChannels = false
        do throws(WireError) {
            try reader.beginMessage()
            while let key = try reader.nextKey() {
                switch key {
                case "type":
                    guard let type = try reader.name("type") else { continue }
                    if type == "get_subscriptions" { return true }
                    isSubscription = type == "subscribe" || type == "unsubscribe"
                case "channels":
                    hasChannels = true
                    try reader.skip()
                default: try reader.skip()
                }
            }
        } catch {
            return false
        }
        return isSubscription && hasChannels
    }
}
