import Glibc

/// The coordinator's directory: its database, its secrets and the lock that keeps a second coordinator out.
public final class DataDirectory {
    /// As given, without a slash at the end.
    public let path: String
    private var lockDescriptor: Int32 = -1

    public var databasePath: String { Self.databasePath(in: path) }
    /// Where commands reach the running coordinator.
    public var controlSocketPath: String { path + "/control.sock" }
    public var signingSecretPath: String { path + "/jwt.key" }
    public var lockPath: String { path + "/lock" }

    /// Opens the directory, creating it with mode 0700 (and what is missing above it with 0755) where there is none.
    ///
    /// Refuses one that every user of the machine may write to.
    public init(path: String) throws(StoreError) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty else { throw StoreError(.failed, "the data directory's path is empty") }
        self.path = path
        try Self.create(path)
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("stat", path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .system("open", path, errno: ENOTDIR) }
        guard status.st_mode & 0o002 == 0 else {
            throw StoreError(.failed, "\(path): every user may write to it; run chmod o-w on it")
        }
    }

    /// Makes this process the only one that works on the directory, until ``unlock()`` or its end.
    ///
    /// Throws ``StoreError/Kind/locked`` at once where another one does.
    public func lock() throws(StoreError) {
        precondition(lockDescriptor < 0, "the data directory is locked by this process already")
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("open", lockPath, errno: errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            let holder = number == EWOULDBLOCK ? Self.holder(descriptor) : ""
            close(descriptor)
            guard number == EWOULDBLOCK else { throw .system("flock", lockPath, errno: number) }
            throw StoreError(.locked, "\(path): another neurogrid-coordinator\(holder) is using it")
        }
        lockDescriptor = descriptor
        // For people who look; the lock itself is the kernel's.
        let text = [UInt8]("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    /// Lets another process have the directory. Nothing here may be used after.
    public func unlock() {
        guard lockDescriptor >= 0 else { return }
        // A child that another thread is just starting has a copy of the descriptor until it executes its program;
        // closing ours alone would leave the lock with it.
        _ = flock(lockDescriptor, LOCK_UN)
        close(lockDescriptor)
        lockDescriptor = -1
    }

    /// Whether this object holds the lock.
    public var isLocked: Bool { lockDescriptor >= 0 }

    /// Creates the empty database file where there is none, so that SQLite's files are the owner's alone.
    func createDatabaseFile() throws(StoreError) {
        let descriptor = open(databasePath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("open", databasePath, errno: errno) }
        close(descriptor)
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system("open", path, errno: errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw .system("fsync", path, errno: errno) }
    }

    /// The database of a directory that need not be there.
    static func databasePath(in path: String) -> String { path + (path.hasSuffix("/") ? "" : "/") + "neurogrid.db" }

    private static func create(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw .system("mkdir", path, errno: errno)
        }
        try createAbove(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("mkdir", path, errno: errno) }
    }

    private static func createAbove(_ path: String) throws(StoreError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw .system("mkdir", path, errno: errno)
        }
        try createAbove(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .system("mkdir", path, errno: errno) }
    }

    /// ` (process 123)` as the lock's holder wrote it, or nothing.
    private static func holder(_ descriptor: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &text, text.count, 0)
        guard count > 1, let number = Int32(String(decoding: text[..<(count - 1)], as: UTF8.self)) else { return "" }
        return " (process \(number))"
    }
}
