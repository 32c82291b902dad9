/// Finds where frames end in a class's stream. Server frames tell their own length (RFC 6455 §5.2, unmasked).
enum FrameBoundary {
    /// The first frame end at or after `target`, walking from `start`, a frame's first byte.
    ///
    /// Both lie in one run; a frame never crosses a segment.
    static func next(in state: LoopClass, from start: UInt64, atOrAfter target: UInt64) -> UInt64 {
        var position = start
        while position < target {
            position += frameLength(in: state, at: position)
        }
        return position
    }

    /// The frames of one run between two of their boundaries.
    static func count(in state: LoopClass, from start: UInt64, to end: UInt64) -> Int {
        var position = start
        var count = 0
        while position < end {
            position += frameLength(in: state, at: position)
            count += 1
        }
        return count
    }

    private static func frameLength(in state: LoopClass, at position: UInt64) -> UInt64 {
        let short = state.bytes(from: position, to: position + 2)
        let length = short[1] & 0x7F
        switch length {
        case 126:
            let head = state.bytes(from: position, to: position + 4)
            return 4 + (UInt64(head[2]) << 8 | UInt64(head[3]))
        case 127:
            let head = state.bytes(from: position, to: position + 10)
            return 10 + (2..<10).reduce(UInt64(0)) { $0 << 8 | UInt64(head[$1]) }
        default:
            return 2 + UInt64(length)
        }
    }
}
