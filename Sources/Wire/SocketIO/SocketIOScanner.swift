import Bytes

/// Reads what stands between a packet's type and its payload.
struct SocketIOScanner {
    private let text: UnsafeRawBufferPointer
    private var index: Int

    init(_ text: UnsafeRawBufferPointer, from index: Int) {
        self.text = text
        self.index = index
    }

    /// What has not been read.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[index...]) }

    /// The number of attachments and the hyphen behind it.
    mutating func attachmentCount(_ limits: SocketIOLimits) throws(SocketIOError) -> Int {
        guard let digits = digits(), index < text.count, text[index] == UInt8(ascii: "-") else {
            throw .invalidAttachmentCount
        }
        index += 1
        // More digits than the limit has are too many, whatever they say.
        guard digits.count <= 3, digits.value <= limits.attachments else { throw .tooManyAttachments }
        return Int(digits.value)
    }

    /// The namespace and the comma behind it, which may be missing at the end; `nil` where none is named.
    mutating func namespace(_ limits: SocketIOLimits) throws(SocketIOError) -> UnsafeRawBufferPointer? {
        guard index < text.count, text[index] == UInt8(ascii: "/") else { return nil }
        let rest = rest
        let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.count
        guard end <= limits.namespaceBytes else { throw .namespaceTooLong }
        let name = UnsafeRawBufferPointer(rebasing: rest[..<end])
        // It is repeated in answers, whose framing a control character could break.
        let isPlain = name.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard isPlain, UTF8Validator.isValid(name) else { throw .invalidNamespace }
        index += min(end + 1, rest.count)
        return name
    }

    /// The id, if digits follow.
    mutating func id(_ limits: SocketIOLimits) throws(SocketIOError) -> UInt64? {
        guard let digits = digits() else { return nil }
        guard digits.count <= limits.idDigits else { throw .invalidID }
        return digits.value
    }

    /// The digits that follow and, where they are at most 18, what they say.
    private mutating func digits() -> (value: UInt64, count: Int)? {
        var value: UInt64 = 0
        let start = index
        while index < text.count, text[index] &- 0x30 < 10 {
            value = value &* 10 &+ UInt64(text[index] &- 0x30)
            index += 1
        }
        return index > start ? (value, index - start) : nil
    }
}
