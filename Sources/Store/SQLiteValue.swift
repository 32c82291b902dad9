/// A value as SQLite stores it.
public enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    /// The text, or NULL for `nil`.
    public static func optional(_ text: String?) -> SQLiteValue { text.map { .text($0) } ?? .null }
    /// The integer, or NULL for `nil`.
    public static func optional(_ integer: Int64?) -> SQLiteValue { integer.map { .integer($0) } ?? .null }
    /// The integer, or NULL for `nil`.
    public static func optional(_ integer: Int?) -> SQLiteValue { integer.map { .integer(Int64($0)) } ?? .null }
    /// The word's bits as SQLite's signed integer, or NULL for `nil`; ``SQLiteStatement/word(_:)`` reads it back.
    public static func optional(_ word: UInt64?) -> SQLiteValue {
        word.map { .integer(Int64(bitPattern: $0)) } ?? .null
    }
}
