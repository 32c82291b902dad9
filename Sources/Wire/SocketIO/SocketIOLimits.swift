public import Grid

/// How much of each part of a packet a peer may send.
public struct SocketIOLimits: Hashable, Sendable {
    /// Attachments of one packet.
    public var attachments: Int
    /// Their bytes together.
    public var attachmentBytes: Int
    /// The name of a namespace.
    public var namespaceBytes: Int
    /// The digits of an acknowledgement's id, at most 18.
    public var idDigits: Int
    /// Arrays and objects of a payload that may be open at once.
    public var depth: Int

    /// Every bound must be positive; `attachments` and `attachmentBytes` may be zero.
    public init(
        attachments: Int = Limits.socketIOAttachments, attachmentBytes: Int = Limits.socketIOAttachmentBytes,
        namespaceBytes: Int = Limits.socketIONamespaceBytes, idDigits: Int = Limits.socketIOIDDigits,
        depth: Int = Limits.jsonDepth
    ) {
        precondition(attachments >= 0 && attachments < 1000 && attachmentBytes >= 0)
        precondition(namespaceBytes > 0 && idDigits > 0 && idDigits <= 18 && depth > 0)
        self.attachments = attachments
        self.attachmentBytes = attachmentBytes
        self.namespaceBytes = namespaceBytes
        self.idDigits = idDigits
        self.depth = depth
    }
}
