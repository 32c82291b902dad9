internal import Glibc

/// Why something could not be kept. The description is a sentence for an operator.
public struct SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the caller can do about it.
    public enum Kind: Hashable, Sendable {
        /// No room on the disk, or the bound of the spool is reached: the same succeeds once there is room.
        case full
        /// Anything else; trying again may help.
        case failed
    }

    public var kind: Kind
    /// `errno`, or 0 where the spool's own bound is reached.
    public var number: Int32
    public var message: String

    public var description: String { message }

    /// The failure of a system call on that path.
    static func system(_ call: StaticString, _ path: String, _ number: Int32) -> SpoolError {
        let kind: Kind = number == ENOSPC || number == EDQUOT ? .full : .failed
        return SpoolError(
            kind: kind, number: number, message: "\(path): \(call): \(String(cString: strerror(number)))")
    }
}

/// Something on the disk that is not what was written there.
public struct SpoolDamage: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it.
    public enum Kind: Hashable, Sendable {
        /// The last record is cut short: its writing was interrupted, and nobody was told that it is kept.
        case tornTail
        /// A checksum does not fit: the disk has changed what was kept.
        case checksum
        /// No spool of this program, or one of a newer version.
        case foreign
        /// A record that is whole but not understood.
        case record
    }

    public var kind: Kind
    /// The file.
    public var path: String
    /// Where it begins, in bytes.
    public var offset: Int
    /// How many bytes from there on were given up.
    public var lostBytes: Int

    public var description: String {
        let what =
            switch kind {
            case .tornTail: "its last record was not written to the end"
            case .checksum: "a checksum does not fit"
            case .foreign: "is no spool of this program"
            case .record: "a record is not understood"
            }
        return "\(path): \(what), \(lostBytes) bytes from byte \(offset) on are given up"
    }
}
