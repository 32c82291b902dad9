/// A node: one enrolled GPU host. The same identifier names it as QUBIX provider and EyeNet device.
public struct NodeID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var uuid: UUID128
    public init(_ uuid: UUID128) { self.uuid = uuid }
    /// Parses the canonical text form; `nil` for anything else.
    public init?(_ text: String) {
        guard let uuid = UUID128(text) else { return nil }
        self.uuid = uuid
    }
    public var description: String { uuid.description }
    public static func < (left: NodeID, right: NodeID) -> Bool { left.uuid < right.uuid }
}

/// A task, by its UUID. (Its dense integer is a field of the task.)
public struct TaskID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var uuid: UUID128
    public init(_ uuid: UUID128) { self.uuid = uuid }
    /// Parses the canonical text form; `nil` for anything else.
    public init?(_ text: String) {
        guard let uuid = UUID128(text) else { return nil }
        self.uuid = uuid
    }
    public var description: String { uuid.description }
    public static func < (left: TaskID, right: TaskID) -> Bool { left.uuid < right.uuid }
}

/// A user, as named by the `sub` claim of a token: 1 to ``Limits/userIDBytes`` bytes.
///
/// Its bytes are compared (RFC 7519, 2), as the store does: to `String` an accent is the same however it is written,
/// and what is one user here and two there has two balances.
public struct UserID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var text: String
    public init(_ text: String) { self.text = text }
    public var description: String { text }
    public static func == (left: UserID, right: UserID) -> Bool {
        left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
    }
    public static func < (left: UserID, right: UserID) -> Bool {
        guard left.text == right.text else { return left.text < right.text }
        return left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

/// A live connection of this process: a subscriber's session or an agent's link.
///
/// The bits are the edge's own business (loop, slot and generation); the Hub only compares them.
public struct SessionID: Hashable, Sendable, Comparable {
    public var bits: UInt64
    public init(bits: UInt64) { self.bits = bits }
    public static func < (left: SessionID, right: SessionID) -> Bool { left.bits < right.bits }
}

/// A question to the Hub that waits for one answer (a REST read, an operator's command).
public struct RequestID: Hashable, Sendable {
    public var session: SessionID
    /// Rises with each request of the session.
    public var number: UInt32
    public init(session: SessionID, number: UInt32) {
        self.session = session
        self.number = number
    }
}

/// A set of join predicates that at least one session looks through; dense, reused after release.
public struct ViewID: Hashable, Sendable, Comparable {
    private var bits: UInt32
    private static let indexBits: UInt32 = 28
    /// Audiences there can be.
    public static let audiences = 16

    /// - Parameters:
    ///   - index: below 2²⁸.
    ///   - audience: below ``audiences``.
    public init(index: UInt32, audience: UInt8 = 0) {
        precondition(index >> Self.indexBits == 0 && audience < Self.audiences, "a view's number does not fit")
        bits = UInt32(audience) << Self.indexBits | index
    }

    /// Unlike that of every other view in use, whatever their audiences.
    public var index: UInt32 { bits & (1 << Self.indexBits - 1) }

    /// Who looks through it: sessions of different audiences (dialects) share no view, so nothing is made of an event
    /// for a dialect of which nobody sees it.
    public var audience: UInt8 { UInt8(truncatingIfNeeded: bits >> Self.indexBits) }

    public static func < (left: ViewID, right: ViewID) -> Bool { left.bits < right.bits }
}

/// A SHA-256 digest, of a join token or a public key.
public struct Digest256: Hashable, Sendable {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    /// Reads 32 bytes, first byte most significant. Fewer or more bytes are a fault of the caller.
    public init(bytes: some Collection<UInt8>) {
        precondition(bytes.count == 32, "a SHA-256 digest has 32 bytes")
        var values: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() { values[index / 8] = values[index / 8] << 8 | UInt64(byte) }
        words = (values[0], values[1], values[2], values[3])
    }
    /// The 32 bytes, most significant first.
    public var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
        }
    }
    public static func == (left: Digest256, right: Digest256) -> Bool { left.words == right.words }
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
