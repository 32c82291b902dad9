/// Why what came is no Socket.IO packet. The session that it came in cannot be used any further: close it.
public enum SocketIOError: Error, Hashable, Sendable, CaseIterable {
    // Around the payload
    case emptyPacket
    case unknownType
    case invalidAttachmentCount
    case tooManyAttachments
    case invalidNamespace
    case namespaceTooLong
    case invalidID
    // The payload
    case missingPayload
    case unexpectedPayload
    case malformedPayload
    case payloadTooDeep
    case wrongPayload
    case reservedEvent
    case invalidPlaceholder
    // Attachments
    case unexpectedText
    case unexpectedBinary
    case attachmentsTooLarge

    /// A sentence for people. It never repeats what the peer sent.
    public var message: StaticString {
        switch self {
        case .emptyPacket: "a packet has a type"
        case .unknownType: "the packet's type is none of 0 to 6"
        case .invalidAttachmentCount: "a binary packet announces its attachments as a number and a hyphen"
        case .tooManyAttachments: "the packet announces too many attachments"
        case .invalidNamespace: "the namespace holds control characters or is not UTF-8"
        case .namespaceTooLong: "the namespace is too long"
        case .invalidID: "the packet needs an id and has none, has one too many, or one that is too long"
        case .missingPayload: "the packet needs a payload"
        case .unexpectedPayload: "the packet must not have a payload"
        case .malformedPayload: "the payload is not valid JSON"
        case .payloadTooDeep: "the payload is nested too deep"
        case .wrongPayload: "the payload is not what a packet of this type has"
        case .reservedEvent: "the event's name is reserved"
        case .invalidPlaceholder: "a placeholder names no attachment"
        case .unexpectedText: "a text came where an attachment was announced"
        case .unexpectedBinary: "bytes came that were not announced"
        case .attachmentsTooLarge: "the attachments are too large"
        }
    }
}
