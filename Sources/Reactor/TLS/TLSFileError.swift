import CLinux
import COpenSSL
import Glibc

/// Why a certificate or key cannot be used. The description names the file and what is wrong with it.
public enum TLSFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(path: String, SystemError)
    /// Everybody on the machine may read the key.
    case exposed(path: String)
    /// The file holds nothing that can be used: why.
    case unusable(path: String, reason: String)
    /// The key is another certificate's.
    case mismatch(certificate: String, key: String)

    /// One line for people.
    public var description: String {
        switch self {
        case .unreadable(let path, let error): "\(path): \(error)"
        case .exposed(let path): "\(path): everybody may read this private key; run chmod o-rwx on it"
        case .unusable(let path, let reason): "\(path): \(reason)"
        case .mismatch(let certificate, let key): "\(key): is not the key of the certificate in \(certificate)"
        }
    }

    /// `reason`, with what OpenSSL left in the thread's queue; the queue is empty then.
    static func takingQueue(path: String, _ reason: String) -> TLSFileError {
        let entry = ERR_peek_last_error()
        ERR_clear_error()
        return .unusable(path: path, reason: entry == 0 ? reason : "\(reason) (\(TLSError.words(for: entry)))")
    }
}

/// Reads the small files of certificates and keys.
enum PEMFile {
    /// The most that a chain, a key or a bundle of authorities may be: a system's whole trust store has a quarter.
    private static let maximumBytes = 1 << 20

    /// The file whole. With `isSecret` a file that everybody may read is refused; a group may share a key.
    static func read(_ path: String, isSecret: Bool = false) throws(TLSFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, SystemError(errno: errno, call: "open")) }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, SystemError(errno: errno, call: "fstat"))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unusable(path: path, reason: "is not a regular file") }
        if isSecret, status.st_mode & 0o007 != 0 { throw .exposed(path: path) }
        guard status.st_size <= maximumBytes else {
            throw .unusable(path: path, reason: "is larger than \(maximumBytes) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let result = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
            }
            if result < 0 {
                if errno == EINTR { continue }
                throw .unreadable(path: path, SystemError(errno: errno, call: "read"))
            }
            if result == 0 { break }
            count += result
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Calls `body` with an OpenSSL source of the bytes.
    static func withSource<Result>(_ bytes: [UInt8], _ body: (OpaquePointer) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            // OpenSSL takes no null pointer for an empty text.
            guard let source = BIO_new_mem_buf(bytes.baseAddress ?? UnsafeRawPointer(emptyText), Int32(bytes.count))
            else { preconditionFailure("out of memory") }
            defer { BIO_free(source) }
            return body(source)
        }
    }

    private static var emptyText: UnsafePointer<UInt8> { StaticString("").utf8Start }
}
