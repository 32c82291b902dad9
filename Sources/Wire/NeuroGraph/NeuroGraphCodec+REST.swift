public import Bytes
public import Grid

/// A channel as the statistics show it.
public struct ChannelSummary: Hashable, Sendable {
    public var channel: EventChannel
    public var subscribers: Int

    public init(channel: EventChannel, subscribers: Int) {
        self.channel = channel
        self.subscribers = subscribers
    }
}

/// How the coordinator is. The raw value is the word on the wire.
public enum ServiceHealth: String, Sendable {
    case healthy
    /// It stops, and its clients are sent away.
    case draining
    /// It cannot promise anything new: its disk is full.
    case unhealthy
}

/// The bodies of `/api/v1/websocket/…`.
extension NeuroGraphCodec {
    /// `GET …/status`: whether new clients are taken, how many there are, and the channels.
    public static func status(
        _ health: ServiceHealth, connections: Int, channels: [ChannelSummary], into buffer: inout ByteBuffer
    ) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("status", health.rawValue)
            writer.field("total_connections", connections)
            write(channels, to: &writer)
            writer.endObject()
        }
    }

    /// `GET …/channels`.
    public static func channels(_ channels: [ChannelSummary], into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            write(channels, to: &writer)
            writer.endObject()
        }
    }

    /// `GET …/channels/{channel}`.
    public static func channel(_ channel: ChannelSummary, into buffer: inout ByteBuffer) {
        buffer.appendJSON { write(channel, to: &$0) }
    }

    /// `POST …/broadcast`: to how many clients it goes; `channel` is `nil` where it is said to everybody.
    public static func delivered(_ count: Int, in channel: EventChannel?, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("status", static: "success")
            writer.field("channel", static: channel?.staticName ?? "*")
            writer.field("delivered", count)
            writer.endObject()
        }
    }

    /// Reads the body of `POST …/broadcast`.
    ///
    /// - Throws: a ``WireError`` that names the field; a key that is not known is one, and so is data that does not fit
    ///   an event which clients know.
    public static func broadcast(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> BroadcastRequest {
        try BroadcastDecoder.decode(bytes)
    }

    /// Appends a message for one client.
    public static func encode(_ message: ChannelMessage, at time: Timestamp, into buffer: inout ByteBuffer) {
        buffer.appendJSON { NeuroGraphEvents.write(message, at: time, to: &$0) }
    }

    private static func write(_ channels: [ChannelSummary], to writer: inout JSONWriter) {
        writer.key("channels")
        writer.beginArray()
        for channel in channels { write(channel, to: &writer) }
        writer.endArray()
    }

    private static func write(_ summary: ChannelSummary, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", static: summary.channel.staticName)
        writer.field("description", static: summary.channel.summary)
        writer.field("subscribers", summary.subscribers)
        writer.endObject()
    }
}
