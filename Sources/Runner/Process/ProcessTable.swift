internal import Glibc

/// What `/proc/PID/stat` says of one process.
struct ProcessEntry: Hashable {
    var pid: Int32
    /// `Z` and `X` for one that has ended.
    var state: UInt8
    var parent: Int32
    var group: Int32
    var session: Int32
    /// Since boot, in ticks of the clock: with the pid it names a process for good.
    var startTicks: UInt64

    var hasEnded: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

    /// Reads a line of `stat`. The program's name stands in parentheses and may hold anything, so what counts begins
    /// behind the last of them. Bytes, not characters: a name that begins with an accent makes one character of the
    /// parenthesis and itself, and a process that is not seen is not killed.
    init?(stat line: String) {
        guard let open = line.utf8.firstIndex(of: UInt8(ascii: "(")),
            let close = line.utf8.lastIndex(of: UInt8(ascii: ")")),
            let pid = Int32(line[..<open].filter { $0 != " " })
        else { return nil }
        let fields = line[line.utf8.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].utf8.first, let parent = Int32(fields[1]),
            let group = Int32(fields[2]), let session = Int32(fields[3]), let start = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.state = state
        self.parent = parent
        self.group = group
        self.session = session
        startTicks = start
    }
}

/// The processes of the machine, read when asked.
enum ProcessTable {
    /// The process of that number; `nil` if there is none.
    static func entry(_ pid: Int32) -> ProcessEntry? {
        read("/proc/\(pid)/stat", atMost: 4096).flatMap { ProcessEntry(stat: String(decoding: $0, as: UTF8.self)) }
    }

    /// All processes at about this moment.
    static func all() -> [ProcessEntry] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var entries: [ProcessEntry] = []
        while let item = readdir(folder) {
            guard item.pointee.d_name.0 >= 0x30, item.pointee.d_name.0 <= 0x39 else { continue }
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = Int32(name), let entry = entry(pid) { entries.append(entry) }
        }
        return entries
    }

    /// The descendants of a process among `entries`, itself not among them.
    static func descendants(of ancestor: Int32, in entries: [ProcessEntry]) -> [ProcessEntry] {
        var children: [Int32: [ProcessEntry]] = [:]
        for entry in entries { children[entry.parent, default: []].append(entry) }
        var found: [ProcessEntry] = []
        var open = [ancestor]
        while let next = open.popLast() {
            for child in children[next] ?? [] where child.pid != next {
                found.append(child)
                open.append(child.pid)
            }
        }
        return found
    }

    /// Whether the process was started with this variable.
    static func hasVariable(_ pid: Int32, _ variable: String) -> Bool {
        guard let environment = read("/proc/\(pid)/environ", atMost: 1 << 20) else { return false }
        let wanted = Array(variable.utf8)
        return environment.split(separator: 0).contains { $0.elementsEqual(wanted) }
    }

    /// The beginning of a file; `nil` if it cannot be read.
    static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit, 64 << 10))
        while bytes.count < limit {
            let count = Glibc.read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
