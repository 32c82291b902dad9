import Glibc

/// Why a key or secret could not be read, written or used. The description names the file and what to do.
public enum KeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system refused; `call` is the system call's name.
    case system(call: String, path: String, errno: Int32)
    /// Others than the owner may read the file; `mode` is its permission bits.
    case exposed(path: String, mode: UInt32)
    /// A file of that name is there already, and it was to be created.
    case exists(path: String)
    /// The bytes are no usable key. `source` is the file, or what the bytes were given as.
    case unusable(source: String, reason: String)

    public var description: String {
        switch self {
        case .system(let call, let path, let errno):
            "\(path): \(call): \(String(cString: strerror(errno)))"
        case .exposed(let path, let mode):
            "\(path): mode 0\(String(mode, radix: 8)) lets others than its owner read a secret; run chmod 600 on it"
        case .exists(let path):
            "\(path): is there already and is not overwritten"
        case .unusable(let source, let reason):
            "\(source): \(reason)"
        }
    }
}
