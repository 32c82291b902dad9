/// Finds the bytes of one body in the input, and its end.
struct HTTPBodyReader {
    enum Event {
        case bytes(UnsafeRawBufferPointer)
        case end
    }

    private enum Phase {
        /// So many bytes of the body, or of the chunk, are still to come.
        case data
        case untilClose
        /// So many digits of a chunk's size have been read.
        case size(digits: Int)
        case extensions
        case sizeLineFeed
        case dataCarriageReturn
        case dataLineFeed
        case trailers
    }

    private var phase: Phase
    private let isChunked: Bool
    /// Bytes still to come of the body or the chunk.
    private var left = 0
    /// How much more the body may grow.
    private var room: Int
    /// How much more the chunk extensions may say: one budget for the whole body, for they carry nothing.
    private var extensionRoom: Int
    private var trailers: HTTPHeadReader

    /// The longest size of a chunk: 16 digits fill 64 bits.
    private static let sizeDigits = 16

    init(_ framing: HTTPFraming, limits: HTTPLimits) {
        room = limits.bodyBytes
        extensionRoom = limits.headBytes
        trailers = HTTPHeadReader(limits: limits)
        switch framing {
        case .length(let count): (phase, left, isChunked) = (.data, count, false)
        case .chunked: (phase, isChunked) = (.size(digits: 0), true)
        case .untilClose: (phase, isChunked) = (.untilClose, false)
        }
    }

    /// Whether the body ends when the connection does.
    var endsWithConnection: Bool {
        if case .untilClose = phase { true } else { false }
    }

    /// The next bytes of the body, or its end; `nil` when the input ends first.
    mutating func next(_ input: inout InputCursor) throws(HTTPError) -> Event? {
        while true {
            switch phase {
            case .data:
                if left > 0 {
                    guard !input.isEmpty else { return nil }
                    return .bytes(takeData(&input))
                }
                guard isChunked else { return .end }
                phase = .dataCarriageReturn
            case .untilClose:
                guard !input.isEmpty else { return nil }
                guard room > 0 else { throw .bodyTooLarge }
                let count = min(input.remaining.count, room)
                room -= count
                return .bytes(UnsafeRawBufferPointer(input.take(count)))
            case .trailers:
                guard try trailers.fields(&input) else { return nil }
                // Trailers are checked and then dropped: merging them into the head is how they have done harm.
                _ = trailers.finish()
                return .end
            case .size, .extensions, .sizeLineFeed, .dataCarriageReturn, .dataLineFeed:
                guard let byte = input.bytes.first else { return nil }
                input.advance(1)
                phase = try after(byte)
            }
        }
    }

    private mutating func takeData(_ input: inout InputCursor) -> UnsafeRawBufferPointer {
        let count = min(left, input.remaining.count)
        left -= count
        return UnsafeRawBufferPointer(input.take(count))
    }

    /// The phase that one byte of a chunk's frame leads to.
    private mutating func after(_ byte: UInt8) throws(HTTPError) -> Phase {
        switch (phase, byte) {
        case (.size(let digits), _):
            if let digit = HTTPCharacters.hexadecimal(byte) {
                guard digits < Self.sizeDigits else { throw .malformedChunk }
                guard left >> 59 == 0 else { throw .bodyTooLarge }
                left = left << 4 | Int(digit)
                return .size(digits: digits + 1)
            }
            guard digits > 0 else { throw .malformedChunk }
            if byte == UInt8(ascii: ";") { return .extensions }
            guard byte == HTTPCharacters.carriageReturn else { throw .malformedChunk }
            return .sizeLineFeed
        case (.extensions, HTTPCharacters.carriageReturn):
            return .sizeLineFeed
        case (.extensions, _):
            guard HTTPCharacters.isValue(byte), extensionRoom > 0 else { throw .malformedChunk }
            extensionRoom -= 1
            return .extensions
        case (.sizeLineFeed, HTTPCharacters.lineFeed):
            guard left <= room else { throw .bodyTooLarge }
            room -= left
            return left == 0 ? .trailers : .data
        case (.dataCarriageReturn, HTTPCharacters.carriageReturn):
            return .dataLineFeed
        case (.dataLineFeed, HTTPCharacters.lineFeed):
            return .size(digits: 0)
        default:
            throw .malformedChunk
        }
    }
}
