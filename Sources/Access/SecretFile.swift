import Glibc

/// A small file that holds a secret: for its owner's eyes only, whole or not there at all.
enum SecretFile {
    /// The most that a key or secret file holds.
    static let maximumBytes = 64 << 10
    /// `errno` of a file that is not there.
    static let notFound = ENOENT

    /// Reads the file whole; refuses one that group or others may read, write or execute.
    static func read(_ path: String) throws(KeyError) -> [UInt8] {
        try read(path, refusingExposed: true)
    }

    /// Reads a file that holds nothing secret, such as a public key.
    static func readPublic(_ path: String) throws(KeyError) -> [UInt8] {
        try read(path, refusingExposed: false)
    }

    private static func read(_ path: String, refusingExposed: Bool) throws(KeyError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(call: "open", path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(call: "fstat", path: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unusable(source: path, reason: "is not a regular file")
        }
        let permissions = status.st_mode & 0o7777
        if refusingExposed, permissions & 0o077 != 0 { throw .exposed(path: path, mode: permissions) }
        guard status.st_size <= maximumBytes else {
            throw .unusable(source: path, reason: "is larger than \(maximumBytes) bytes")
        }
        return try readAll(descriptor, path)
    }

    private static func readAll(_ descriptor: Int32, _ path: String) throws(KeyError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= maximumBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(call: "read", path: path, errno: errno)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[0..<count])
        }
        throw .unusable(source: path, reason: "is larger than \(maximumBytes) bytes")
    }

    /// Creates the file with mode 0600 and these bytes, on disk when this returns.
    ///
    /// The bytes are written under a name of their own and linked to `path` at the end, so that a crash leaves
    /// either no file or the whole one, and a file that is there already is never replaced (``KeyError/exists``).
    static func create(_ path: String, _ bytes: [UInt8]) throws(KeyError) {
        let draft = "\(path).\(String(SecureRandom.uint64(), radix: 16)).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(call: "open", path: draft, errno: errno) }
        defer { unlink(draft) }
        do throws(KeyError) {
            try writeAll(descriptor, bytes, draft)
            // Whatever the umask took away or an ACL gave: exactly the owner reads and writes.
            guard fchmod(descriptor, 0o600) == 0 else { throw .system(call: "fchmod", path: draft, errno: errno) }
            guard fsync(descriptor) == 0 else { throw .system(call: "fsync", path: draft, errno: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        guard close(descriptor) == 0 else { throw .system(call: "close", path: draft, errno: errno) }
        guard link(draft, path) == 0 else {
            if errno == EEXIST { throw .exists(path: path) }
            throw .system(call: "link", path: path, errno: errno)
        }
        try syncDirectory(of: path)
    }

    private static func writeAll(_ descriptor: Int32, _ bytes: [UInt8], _ path: String) throws(KeyError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(call: "write", path: path, errno: errno)
            }
            written += count
        }
    }

    private static func syncDirectory(of path: String) throws(KeyError) {
        let directory =
            path.lastIndex(of: "/").map { slash in slash == path.startIndex ? "/" : String(path[..<slash]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", path: directory, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(call: "fsync", path: directory, errno: errno) }
    }
}
