/// How much of each part of a message a peer may send.
///
/// Every bound holds while bytes arrive: nothing beyond it is ever kept.
public struct HTTPLimits: Hashable, Sendable {
    /// Start line, header fields and their line ends together, in bytes. Trailers have the same bound, apart.
    public var headBytes: Int
    /// Header fields of one message. Trailers have the same bound, apart.
    public var headerCount: Int
    /// The request target, in bytes.
    public var targetBytes: Int
    /// The body after its chunks are joined, in bytes.
    public var bodyBytes: Int

    /// Every bound must be positive, `bodyBytes` may be zero.
    public init(
        headBytes: Int = 16 << 10, headerCount: Int = 100, targetBytes: Int = 8 << 10, bodyBytes: Int = 1 << 20
    ) {
        precondition(headBytes > 0 && headerCount > 0 && targetBytes > 0 && bodyBytes >= 0)
        precondition(headBytes <= 1 << 30, "offsets within a head are 32 bits wide")
        self.headBytes = headBytes
        self.headerCount = headerCount
        self.targetBytes = targetBytes
        self.bodyBytes = bodyBytes
    }

    /// The longest start line: a target with a method, a version and the spaces and line end around them.
    var startLineBytes: Int { min(headBytes, targetBytes + HTTPRequestLine.methodBytes + 12) }
}
