internal import Bytes
internal import CZlib
internal import Glibc

/// Inflates messages, each by itself (RFC 7692 §7.2.2 without context takeover).
///
/// One inflater serves every receiver of a thread, one message at a time: a message lies in it until the receiver is
/// asked for the next event. zlib's state, about 40 KiB, is made for the first message. What a message grows to is
/// limited while it grows, and never foretold by anything the peer says.
public final class WebSocketInflater {
    private var stream: UnsafeMutablePointer<z_stream>?
    private var base: UnsafeMutableRawPointer?
    /// The room for inflated bytes.
    private(set) var capacity = 0

    /// The room that is kept between messages.
    static let keptBytes = 64 << 10
    private static let smallestBlock = 4096

    public init() {}

    deinit {
        free(base)
        guard let stream else { return }
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The bytes of a whole message, which stay in place until the next call of this or of ``trim()``.
    ///
    /// - Parameters:
    ///   - payload: the message as it was sent, its frames together.
    ///   - limit: the bytes that it may inflate to.
    ///   - isText: whether it must be UTF-8; it fails as soon as it cannot be.
    /// - Throws: 1007 where `payload` is no such data or no text, 1009 above `limit`.
    func inflate(
        _ payload: UnsafeRawBufferPointer, limit: Int, isText: Bool
    ) throws(WebSocketError) -> UnsafeRawBufferPointer {
        let stream = readied()
        var text = UTF8Validator()
        var count = 0
        var source = payload
        var isTail = false
        while true {
            let room = makeRoom(behind: count, limit: limit)
            let step = Self.step(stream, source, into: room)
            guard count + step.made <= limit else { throw .tooLarge }
            if isText {
                let made = UnsafeRawBufferPointer(rebasing: room[..<step.made])
                guard text.feed(made) else { throw .invalidText }
            }
            count += step.made
            source = UnsafeRawBufferPointer(rebasing: source[step.taken...])
            switch step.result {
            case Z_OK, Z_BUF_ERROR:
                // A full room may hide what else there is.
                if !source.isEmpty || step.isFull { continue }
                if !isTail {
                    isTail = true
                    source = Self.tail
                    continue
                }
                // The tail must have ended as it does behind a flush: with a block, on a byte.
                guard stream.pointee.data_type & 0xBF == 0x80 else { throw .invalidCompression }
            case Z_STREAM_END where source.isEmpty:
                break
            case Z_STREAM_END where !isTail:
                // A final block may stand anywhere (RFC 7692 §7.2.3.4); the window goes on behind it.
                inflateResetKeep(stream)
                continue
            default:
                throw .invalidCompression
            }
            guard !isText || text.isComplete else { throw .invalidText }
            return UnsafeRawBufferPointer(start: base, count: count)
        }
    }

    /// Gives back what a large message took; its bytes are gone.
    func trim() {
        guard capacity > Self.keptBytes else { return }
        free(base)
        base = nil
        capacity = 0
    }

    // MARK: zlib

    /// The end of every flush, which senders leave out.
    nonisolated(unsafe) private static let tail: UnsafeRawBufferPointer = {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
        bytes.copyBytes(from: [0x00, 0x00, 0xFF, 0xFF])
        return UnsafeRawBufferPointer(bytes)
    }()

    private struct Step {
        var result: Int32
        var taken: Int
        var made: Int
        var isFull: Bool
    }

    /// One call of zlib, from `source` into `room`.
    private static func step(
        _ stream: UnsafeMutablePointer<z_stream>, _ source: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) -> Step {
        let offered = uInt(clamping: source.count)
        let space = uInt(clamping: room.count)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: Bytef.self))
        stream.pointee.avail_in = offered
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = space
        let result = CZlib.inflate(stream, Z_NO_FLUSH)
        precondition(result != Z_MEM_ERROR && result != Z_STREAM_ERROR, "zlib has no memory")
        let left = stream.pointee.avail_out
        return Step(
            result: result, taken: Int(offered - stream.pointee.avail_in), made: Int(space - left), isFull: left == 0)
    }

    /// zlib's state, as before its first message.
    private func readied() -> UnsafeMutablePointer<z_stream> {
        if let stream {
            inflateReset(stream)
            return stream
        }
        let created = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        created.initialize(to: z_stream())
        let result = inflateInit2_(created, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib has no memory")
        stream = created
        return created
    }

    // MARK: Room

    /// Room behind `count` inflated bytes: at least one byte, and at most one more than `limit` allows, so that a
    /// message above it shows.
    private func makeRoom(behind count: Int, limit: Int) -> UnsafeMutableRawBufferPointer {
        let most = limit == .max ? limit : limit + 1
        if count == capacity {
            let grown = min(most, max(2 * capacity, Self.smallestBlock))
            base = realloc(base, grown)
            precondition(base != nil, "out of memory")
            capacity = grown
        }
        return UnsafeMutableRawBufferPointer(start: base.map { $0 + count }, count: min(capacity, most) - count)
    }
}
