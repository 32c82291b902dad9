internal import Access
internal import Glibc
internal import Grid

/// What the agent keeps on disk: its key, and the node it is since its enrolment.
struct AgentState {
    /// Why the state directory cannot be used.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let directory: String
    let key: Ed25519KeyPair
    private(set) var node: NodeID?

    /// Opens the directory, making it and a fresh key where they are missing.
    init(directory: String) throws {
        self.directory = directory
        guard Self.makeDirectory(directory) else {
            throw Failure(description: "cannot make \(directory): \(String(cString: strerror(errno)))")
        }
        let keyPath = directory + "/agent.key"
        if access(keyPath, F_OK) == 0 {
            key = try Ed25519KeyPair.load(from: keyPath)
        } else {
            key = Ed25519KeyPair.generate()
            try key.save(to: keyPath)
        }
        node = try Self.readNode(directory + "/node")
    }

    /// Remembers which node this is; on disk before the proof is sent, so that a lost welcome costs nothing.
    mutating func remember(_ id: NodeID) throws {
        guard node != id else { return }
        let path = directory + "/node"
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(description: "cannot write \(temporary): \(String(cString: strerror(errno)))")
        }
        defer { _ = Glibc.close(descriptor) }
        let text = Array((id.description + "\n").utf8)
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0,
            rename(temporary, path) == 0
        else {
            throw Failure(description: "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        syncDirectory()
        node = id
    }

    /// Keeps other agents out of the directory for as long as this process lives: the later one would take the tasks of
    /// the earlier one for orphans, and end them.
    func lock() throws {
        let path = directory + "/lock"
        // Never closed: the kernel lets the lock go with the process, however that ends.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(description: "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            _ = Glibc.close(descriptor)
            throw Failure(
                description: number == EWOULDBLOCK
                    ? "another agent works in \(directory)"
                    : "cannot lock \(path): \(String(cString: strerror(number)))")
        }
    }

    /// The directory by its absolute path, for programs that start in another folder.
    var absoluteDirectory: String {
        guard let resolved = realpath(directory, nil) else { return directory }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func syncDirectory() {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        _ = Glibc.close(descriptor)
    }

    private static func readNode(_ path: String) throws -> NodeID? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else {
                throw Failure(description: "cannot read \(path): \(String(cString: strerror(errno)))")
            }
            return nil
        }
        defer { _ = Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        guard let node = NodeID(String(text.prefix { $0 != "\n" })) else {
            throw Failure(description: "\(path) does not hold a node id")
        }
        return node
    }

    /// Makes a directory and those above it; only the last one is private.
    private static func makeDirectory(_ path: String) -> Bool {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return true }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return false }
        guard makeDirectory(String(path[..<slash])) else { return false }
        return mkdir(path, 0o700) == 0 || errno == EEXIST
    }
}
