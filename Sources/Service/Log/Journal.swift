internal import Glibc

/// Whether systemd connected a stream to its journal.
enum JournalStream {
    /// Whether standard error is the stream that `JOURNAL_STREAM` names; a redirected one is not.
    static func isStandardError(environment: Environment) -> Bool {
        matches(2, environment["JOURNAL_STREAM"])
    }

    /// Whether `text`, `device:inode` in decimal, is the file behind `descriptor`.
    static func matches(_ descriptor: Int32, _ text: String?) -> Bool {
        let parts = (text ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }
}

/// The journal's own protocol, by way of libsystemd.
struct Journal: Sendable {
    private typealias SendVector = @convention(c) (UnsafePointer<iovec>?, Int32) -> Int32
    private let sendVector: SendVector

    /// `nil` where libsystemd is not installed.
    static let shared = Journal(library: .shared)

    init?(library: SystemdLibrary?) {
        guard let function = library?.function("sd_journal_sendv", as: SendVector.self) else { return nil }
        sendVector = function
    }

    /// Sends one entry; `false` if the journal did not take it.
    func send(_ fields: [[UInt8]]) -> Bool {
        // One block for all fields, so that every address holds still during the call.
        let block = fields.flatMap { $0 }
        return block.withUnsafeBytes { block in
            var offset = 0
            let vectors = fields.map { field in
                defer { offset += field.count }
                let start = UnsafeMutableRawPointer(mutating: block.baseAddress.map { $0 + offset })
                return iovec(iov_base: start, iov_len: field.count)
            }
            return vectors.withUnsafeBufferPointer { sendVector($0.baseAddress, Int32($0.count)) == 0 }
        }
    }
}
