/// Why a text is not the JSON that was expected, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Kind: UInt8, Sendable {
        /// The text ends inside a value.
        case unexpectedEnd
        /// A byte that the grammar does not allow at this place.
        case unexpectedByte
        /// A well-begun value, but of another kind than was asked for.
        case typeMismatch
        /// A raw control character (below U+0020) in a string.
        case controlCharacter
        /// An escape that RFC 8259 does not know, or half of a surrogate pair.
        case invalidEscape
        /// Bytes in a string that are not UTF-8.
        case invalidUTF8
        /// A number that breaks the grammar: a leading zero, a missing digit.
        case invalidNumber
        /// A valid number that the asked type cannot hold: too large, negative, or with a fraction.
        case numberOutOfRange
        /// Arrays and objects nested deeper than the reader's limit.
        case tooDeep
        /// Something other than whitespace behind the value.
        case trailingBytes
    }

    /// What is wrong.
    public let kind: Kind
    /// The index of the offending byte, in bytes from the start of the text.
    public let offset: Int

    /// A fault of `kind` at the byte index `offset`.
    @inlinable
    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// One line for a log or a refusal; it never repeats the text itself.
    public var description: String { "JSON: \(kind) at byte \(offset)" }
}
