internal import Bytes
internal import CLinux
internal import Glibc
internal import Grid

/// The folder of one run: its input, its output, its working directory, and the record by which a later agent finds
/// what this one left running.
struct RunFolder: Hashable {
    let path: String
    let run: RunID

    init(in runs: String, _ run: RunID) {
        self.run = run
        path = "\(runs)/\(Self.name(run))"
    }

    static func name(_ run: RunID) -> String { "\(run.task).\(run.epoch).\(run.member)" }

    /// Reads ``name(_:)``; `nil` for anything else.
    static func run(named name: String) -> RunID? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let task = TaskID(String(parts[0])), let epoch = UInt64(parts[1]),
            let member = Int(parts[2])
        else { return nil }
        let run = RunID(task: task, epoch: epoch, member: member)
        return Self.name(run) == name ? run : nil
    }

    var input: String { path + "/input" }
    var output: String { path + "/output" }
    var work: String { path + "/work" }
    private var record: String { path + "/record" }

    /// Makes the folder with its input; `work` belongs to the account that the task runs as.
    func make(input text: String, account: UserAccount?) throws(RunFault) {
        for folder in [path, work] where mkdir(folder, account == nil ? 0o700 : 0o711) != 0 && errno != EEXIST {
            throw .spawn("\(folder): \(String(cString: strerror(errno)))")
        }
        try Self.write(Array(text.utf8), to: input, mode: 0o600, sync: false)
        try Self.write([], to: output, mode: 0o600, sync: false)
        guard let account else { return }
        for item in [input, output, work] where chown(item, account.user, account.group) != 0 {
            throw .spawn("\(item): chown: \(String(cString: strerror(errno)))")
        }
    }

    /// What a later agent must know of the run.
    struct Record: Hashable {
        var guardPID: Int32
        var guardStartTicks: UInt64
        var controlGroups: [String]
        /// What tidies up behind it, see ``LaunchPlan/removal``.
        var removal: LaunchOrder?
    }

    /// Writes the record, on disk before this returns.
    func save(_ record: Record) throws(RunFault) {
        var text = "\(record.guardPID) \(record.guardStartTicks)\n"
        for folder in record.controlGroups { text += "group \(folder)\n" }
        if let removal = record.removal {
            // In digits, as words and variables may hold anything.
            text += "removal \(Hexadecimal.encode(removal.encoded.bytes))\n"
        }
        try Self.write(Array(text.utf8), to: self.record, mode: 0o600, sync: true)
        for folder in [path, String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])] {
            let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            fsync(descriptor)
            close(descriptor)
        }
    }

    /// The record; `nil` where none was written, so that nothing was started.
    func load() -> Record? {
        guard let bytes = ProcessTable.read(record, atMost: 4 << 20) else { return nil }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard !lines.isEmpty else { return nil }
        let words = lines.removeFirst().split(separator: " ")
        guard words.count == 2, let pid = Int32(words[0]), let ticks = UInt64(words[1]) else { return nil }
        func values(_ name: String) -> [String] {
            lines.filter { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
        }
        let removal = values("removal ").first.flatMap { Hexadecimal.decode($0) }
        return Record(
            guardPID: pid, guardStartTicks: ticks, controlGroups: values("group "),
            removal: removal.flatMap { bytes in bytes.withUnsafeBytes { LaunchOrder($0) } })
    }

    /// What the task has left as its result.
    enum Output: Hashable {
        case none
        case json(String)
        case tooLong
        case malformed(String)
    }

    /// Reads the output, which must be one JSON value. A link or device that a task put there is not followed.
    func readOutput() -> Output {
        let descriptor = open(output, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? .none : .malformed("it cannot be opened") }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            return .malformed("it is no file")
        }
        guard information.st_size <= Limits.taskOutputBytes else { return .tooLong }
        var bytes = [UInt8](repeating: 0, count: Limits.taskOutputBytes)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { return .malformed(String(cString: strerror(errno))) }
        let text = bytes[..<count].drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        guard !text.isEmpty else { return .none }
        return text.withUnsafeBytes { text in
            var reader = JSONReader(text)
            do throws(JSONError) {
                let value = try reader.readRaw()
                try reader.finish()
                return .json(String(decoding: value, as: UTF8.self))
            } catch {
                return .malformed("it is not one JSON value: \(error)")
            }
        }
    }

    /// Removes the folder with all that the task left in it; links are removed, not followed.
    func remove() {
        clinux_remove_tree(path)
    }

    private static func write(_ bytes: [UInt8], to path: String, mode: mode_t, sync: Bool) throws(RunFault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .spawn("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, !sync || fsync(descriptor) == 0 else {
            throw .spawn("\(path): \(String(cString: strerror(errno)))")
        }
    }
}
