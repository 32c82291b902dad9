internal import Bytes
public import Grid

/// What a run has written to one stream and nobody has been told yet: the newest bytes, bounded.
public struct OutputTail: Sendable {
    public let stream: LogChunk.Stream
    /// Bytes of the stream before those kept.
    private var offset: UInt64 = 0
    private var bytes: [UInt8] = []
    private let capacity: Int
    private var isEnded = false

    public init(stream: LogChunk.Stream, capacity: Int = Limits.unsentLogBytes) {
        self.stream = stream
        self.capacity = capacity
    }

    /// All that the stream has brought, in bytes.
    public var totalBytes: UInt64 { offset + UInt64(bytes.count) }

    /// Takes in what was written. Beyond the capacity the oldest is given up; the offsets tell.
    public mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
        if bytes.count > capacity { drop(bytes.count - capacity) }
    }

    /// Nothing follows: a sequence that is not whole will not become so.
    public mutating func end() { isEnded = true }

    /// The next piece; `nil` while there is none. What is no UTF-8 becomes U+FFFD, and a sequence that may still be
    /// continued waits for its end.
    public mutating func next() -> LogChunk? {
        var take = min(bytes.count, Limits.logChunkBytes)
        // Neither a cut between pieces nor the present end may split a sequence. Looked at once: what is left out at
        // the end may stand behind another beginning, which will never be finished.
        if take < bytes.count || !isEnded { take -= Self.unfinished(bytes[..<take]) }
        guard take > 0 else { return nil }
        var piece = bytes[..<take]
        if !piece.withUnsafeBytes({ UTF8Validator.isValid($0) }), take > Self.repairedPiece {
            // Each bad byte becomes three.
            piece = bytes[..<Self.repairedPiece]
            take = Self.repairedPiece - Self.unfinished(piece)
            piece = bytes[..<take]
        }
        let chunk = LogChunk(stream: stream, offset: offset, text: String(decoding: piece, as: UTF8.self))
        drop(take)
        return chunk
    }

    private static let repairedPiece = Limits.logChunkBytes / 3

    private mutating func drop(_ count: Int) {
        bytes.removeFirst(count)
        offset += UInt64(count)
    }

    /// The number of bytes at the end that begin a sequence and do not finish it, 0 to 3.
    private static func unfinished(_ bytes: some BidirectionalCollection<UInt8>) -> Int {
        var count = 0
        for byte in bytes.reversed().prefix(3) {
            count += 1
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > count ? count : 0
        }
        return 0
    }
}
