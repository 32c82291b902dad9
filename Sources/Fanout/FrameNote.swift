public import Grid

/// What the fan-out knows of an event's frame without reading it.
public struct FrameNote: Hashable, Sendable {
    /// Of the frames of one subject the newest may stand in for the others; nothing may stand in for a frame of
    /// subject 0.
    public var subject: UInt64
    /// The event's offset in its room's log.
    public var offset: UInt64

    public init(subject: UInt64, offset: UInt64) {
        self.subject = subject
        self.offset = offset
    }

    /// The note of an event's frame.
    public init(_ event: LoggedEvent) {
        offset = event.position.offset
        subject = event.event.isConflatable ? Self.subject(of: event) : 0
    }

    /// One word for what the event is about: the task whose progress it tells, else the node. Several tasks run on one
    /// node, and none of them speaks for another.
    private static func subject(of event: LoggedEvent) -> UInt64 {
        if case .taskProgressed(let progress) = event.event { return subject(progress.task.uuid) }
        return event.facts.node.map { subject($0.uuid) } ?? 0
    }

    /// Identifiers are random, so their halves together hardly ever coincide.
    private static func subject(_ id: UUID128) -> UInt64 { max(1, id.high &* 0x9E37_79B9_7F4A_7C15 ^ id.low) }
}

/// Frames of a room that a subscriber did not get, because newer ones of the same subjects stand in for them.
public struct SkippedFrames: Hashable, Sendable {
    public var count: UInt64 = 0
    /// The offsets between which all of them lie, both included.
    public var fromOffset: UInt64 = .max
    public var toOffset: UInt64 = 0

    public init() {}

    init(count: UInt64, fromOffset: UInt64, toOffset: UInt64) {
        self.count = count
        self.fromOffset = fromOffset
        self.toOffset = toOffset
    }

    /// Adds others that lie behind these.
    mutating func add(_ other: SkippedFrames) {
        guard other.count > 0 else { return }
        count += other.count
        fromOffset = min(fromOffset, other.fromOffset)
        toOffset = max(toOffset, other.toOffset)
    }
}
