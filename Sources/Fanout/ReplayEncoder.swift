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
        var position: LogPosition
    }

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
        var bytes = ByteBuffer()
        for event in events {
            let key = ClassKey(room: event.event.room, dialect: dialect, framing: framing)
            let place = Place(classIndex: key.index, position: event.position)
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
