public import Bytes
public import Grid
internal import Web
public import Wire

/// Frames pieces of replays, as the classes frame live events: each event once for however many sessions come back.
///
/// Lives beside the ``Publisher``. After a disturbance many sessions miss the same events, so the newest frames are
/// kept, the oldest let go first.
public final class ReplayEncoder {
    private struct Place: Hashable {
        var classIndex: Int
        var room: BaseRoom
        var position: LogPosition
    }

    /// Where messages without a frame are kept: no class has this number, for there is no stream of no room.
    private static let messages = ClassKey.count

    private let encode: Publisher.Encoder
    private let capacity: Int
    private var frames: [Place: ByteBuffer] = [:]
    /// The places of ``frames`` from the oldest on, behind those that are gone.
    private var order: [Place] = []
    private var gone = 0
    private var keptBytes = 0
    private var message = ByteBuffer(capacity: 4096)
    private var packed = ByteBuffer()
    private lazy var compressor = WebSocketCompressor(thresholdBytes: Limits.deflateThresholdBytes)
    /// Encodings so far.
    public private(set) var encodedCount: UInt64 = 0

    /// What a kept frame costs beside its bytes.
    private static let entryBytes = 128

    /// - Parameter capacity: the bytes of frames that are kept.
    public init(capacity: Int = Limits.replayCacheBytes, encode: @escaping Publisher.Encoder) {
        self.capacity = capacity
        self.encode = encode
    }

    /// The frames of the events, in order. One that the dialect does not carry has none.
    public func frames(of events: [LoggedEvent], dialect: Dialect, framing: Framing) -> ByteBuffer {
        precondition(framing != .message, "whoever frames for itself has no position to come back with")
        var bytes = ByteBuffer()
        for event in events {
            let key = ClassKey(room: event.event.room, dialect: dialect, framing: framing)
            let place = Place(classIndex: key.index, room: event.event.room, position: event.position)
            if let kept = frames[place] {
                bytes.append(kept)
            } else {
                let frame = frame(event, dialect, framing)
                bytes.append(frame)
                keep(frame, at: place)
            }
        }
        return bytes
    }

    /// The frames of the events for one who follows several rooms as one stream. Each has an id of its own, so what is
    /// shared is the message in it.
    ///
    /// - Parameter start: where the stream stands before the events; each of them moves its room on.
    public func streamFrames(of events: [LoggedEvent], from start: [RoomPosition]) -> ByteBuffer {
        var bytes = ByteBuffer()
        var positions = start
        for event in events {
            let room = event.event.room
            guard let place = positions.firstIndex(where: { $0.room == room }) else {
                preconditionFailure("an event of a room that the stream does not follow")
            }
            positions[place].position = event.position
            let message = streamMessage(event)
            guard !message.isEmpty else { continue }
            StreamFrame.append(
                type: NativeCodec.type(of: event.event), data: message, positions: positions, into: &bytes)
        }
        return bytes
    }

    private func streamMessage(_ event: LoggedEvent) -> ByteBuffer {
        let place = Place(classIndex: Self.messages, room: event.event.room, position: event.position)
        if let kept = frames[place] { return kept }
        var encoded = ByteBuffer(capacity: event.event.approximateByteCount)
        encode(StreamKey.dialect, event, &encoded)
        if !encoded.isEmpty { encodedCount += 1 }
        keep(encoded, at: place)
        return encoded
    }

    private func frame(_ event: LoggedEvent, _ dialect: Dialect, _ framing: Framing) -> ByteBuffer {
        message.removeAll(keepingCapacity: true)
        encode(dialect, event, &message)
        guard !message.isEmpty else { return ByteBuffer() }
        encodedCount += 1
        packed.removeAll(keepingCapacity: true)
        let isCompressed =
            framing == .webSocketDeflate && message.withBytes { compressor.compress($0, into: &packed) }
        let payload = isCompressed ? packed : message
        var frame = ByteBuffer(capacity: payload.count + WebSocketFrame.maximumHeaderByteCount)
        payload.withBytes { WebSocketFrame.append(opcode: .text, rsv1: isCompressed, payload: $0, into: &frame) }
        return frame
    }

    private func keep(_ frame: ByteBuffer, at place: Place) {
        frames[place] = frame
        order.append(place)
        keptBytes += frame.count + Self.entryBytes
        while keptBytes > capacity, gone < order.count {
            keptBytes -= (frames.removeValue(forKey: order[gone])?.count ?? 0) + Self.entryBytes
            gone += 1
        }
        if gone > 1024, gone > order.count / 2 {
            order.removeFirst(gone)
            gone = 0
        }
    }
}
