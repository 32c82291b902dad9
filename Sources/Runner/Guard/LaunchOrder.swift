internal import Bytes

/// All that a guard needs to start a task's program.
struct LaunchOrder: Hashable {
    /// The executable.
    var path: String
    var words: [String]
    /// `NAME=VALUE`, nothing else is in the environment.
    var environment: [String]
    var directory: String
    /// `nil` = as the agent itself.
    var account: UserAccount?
    /// 0 = as the agent itself.
    var processLimit: UInt64 = 0
    /// `cgroup.procs` files to join.
    var controlGroups: [String] = []

    /// The kernel takes a task before anything of the host.
    static let oomScore = "500"

    var encoded: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.append(counted: path)
        for list in [words, environment, controlGroups] {
            buffer.appendBigEndian(UInt32(list.count))
            for text in list { buffer.append(counted: text) }
        }
        buffer.append(counted: directory)
        buffer.appendBigEndian(processLimit)
        buffer.append(UInt8(account == nil ? 0 : 1))
        if let account {
            buffer.appendBigEndian(account.user)
            buffer.appendBigEndian(account.group)
            buffer.appendBigEndian(UInt32(account.groups.count))
            for group in account.groups { buffer.appendBigEndian(group) }
        }
        return buffer
    }

    init(path: String, words: [String], environment: [String], directory: String) {
        self.path = path
        self.words = words
        self.environment = environment
        self.directory = directory
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let path = reader.text(), let words = Self.texts(&reader), let environment = Self.texts(&reader),
            let controlGroups = Self.texts(&reader), let directory = reader.text(),
            let processLimit = reader.integer(UInt64.self), let changesUser = reader.integer(UInt8.self)
        else { return nil }
        self.init(path: path, words: words, environment: environment, directory: directory)
        self.controlGroups = controlGroups
        self.processLimit = processLimit
        if changesUser == 1 {
            guard let user = reader.integer(UInt32.self), let group = reader.integer(UInt32.self),
                let count = reader.integer(UInt32.self)
            else { return nil }
            var groups: [UInt32] = []
            for _ in 0..<count {
                guard let next = reader.integer(UInt32.self) else { return nil }
                groups.append(next)
            }
            account = UserAccount(user: user, group: group, groups: groups)
        }
        guard reader.remaining == 0 else { return nil }
    }

    private static func texts(_ reader: inout ByteReader) -> [String]? {
        guard let count = reader.integer(UInt32.self) else { return nil }
        var texts: [String] = []
        for _ in 0..<count {
            guard let text = reader.text() else { return nil }
            texts.append(text)
        }
        return texts
    }
}
