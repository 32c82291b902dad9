import CSQLite
import Glibc

/// Why the store could not do what was asked. The description is a sentence for an operator.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the caller can do about it.
    public enum Kind: Hashable, Sendable {
        /// Another process works on the data directory.
        case locked
        /// The disk is full: nothing was written, and the same write succeeds once there is room.
        case full
        /// The database's bytes are not what was written. Restore a backup.
        case corrupt
        /// Not a database of this program, or one of a newer version.
        case foreign
        /// The store is stopped, or an earlier failure has ended it.
        case stopped
        /// Anything else. What is on disk is whole, but this process must not go on writing.
        case failed
    }

    public var kind: Kind
    /// SQLite's extended result code, else `errno`, else 0.
    public var code: Int32
    public var message: String
    /// The statement that failed, without its values; `nil` where there was none.
    public var sql: String?

    public init(_ kind: Kind, code: Int32 = 0, _ message: String, sql: String? = nil) {
        self.kind = kind
        self.code = code
        self.message = message
        self.sql = sql
    }

    public var description: String {
        let statement = sql.map { " (in: \($0))" } ?? ""
        return code == 0 ? message + statement : "\(message) [\(code)]\(statement)"
    }

    /// The failure of a system call on that path.
    static func system(_ call: String, _ path: String, errno number: Int32) -> StoreError {
        let kind: Kind = number == ENOSPC || number == EDQUOT ? .full : .failed
        return StoreError(kind, code: number, "\(path): \(call): \(String(cString: strerror(number)))")
    }

    /// What kind of failure an extended result code is, with the `errno` that SQLite met, if any.
    static func kind(ofResult code: Int32, systemError: Int32) -> Kind {
        switch code & 0xFF {
        case SQLITE_FULL:
            return .full
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            return .corrupt
        case SQLITE_BUSY, SQLITE_LOCKED:
            return .locked
        case SQLITE_IOERR:
            // A failed fsync has already thrown dirty pages away, for whatever reason: it cannot be retried.
            let isSync = code == ioError(4) || code == ioError(5)
            let isFull = systemError == ENOSPC || systemError == EDQUOT
            return isFull && !isSync ? .full : .failed
        default:
            return .failed
        }
    }

    /// `SQLITE_IOERR_…` by its number: the C macros compute and so are not imported. 4 is FSYNC, 5 is DIR_FSYNC.
    private static func ioError(_ number: Int32) -> Int32 { SQLITE_IOERR | number << 8 }
}
