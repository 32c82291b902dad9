internal import Grid

/// The numbering of one agent's samples, within the stream that it drew at its start.
struct SampleStream: Hashable, Sendable {
    /// What a sequence number turned out to be.
    enum Arrival: Hashable, Sendable {
        case next
        /// Received before, or 0, which numbers nothing.
        case duplicate
        /// So many numbers before it never came.
        case gap(missing: UInt64)
    }

    private(set) var id: UUID128?
    /// The highest number received; 0 before the first.
    private(set) var last: UInt64 = 0

    /// Goes on with the stream, or begins anew at 0 where it is another one.
    ///
    /// After the coordinator's own restart every stream is another one: what was acknowledged before died
    /// with the process and shows as a gap (DESIGN §6).
    mutating func resume(_ stream: UUID128) {
        if id == stream { return }
        id = stream
        last = 0
    }

    mutating func accept(_ sequence: UInt64) -> Arrival {
        guard sequence > last else { return .duplicate }
        let missing = sequence - last - 1
        last = sequence
        return missing == 0 ? .next : .gap(missing: missing)
    }
}
