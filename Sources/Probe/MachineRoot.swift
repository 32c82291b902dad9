import Glibc

/// Where the machine's /proc, /sys and /etc are: the live ones, or a copy of them in a fixture.
public struct MachineRoot: Hashable, Sendable {
    /// What stands before every absolute path; empty for the live machine. No trailing slash.
    public let prefix: String

    /// The machine this process runs on.
    public static let live = MachineRoot(prefix: "")

    public init(prefix: String) {
        self.prefix = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
    }

    /// The place of an absolute path of the machine.
    public func path(_ absolute: String) -> String {
        precondition(absolute.hasPrefix("/"), "a machine's path is absolute")
        return prefix + absolute
    }

    /// Whether something is at that absolute path; links are followed.
    func exists(_ absolute: String) -> Bool { access(path(absolute), F_OK) == 0 }

    /// The names in a directory, sorted, without `.` and `..`.
    func list(_ absolute: String) throws(FileFault) -> [String] {
        let full = path(absolute)
        guard let directory = opendir(full) else { throw FileFault(number: errno, path: absolute) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// Why a file of the machine could not be read.
public struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The errno value.
    public let number: Int32
    /// The machine's path, without the root's prefix.
    public let path: String

    /// Whether the machine has no such thing, which is no fault: no file, no device, not supported by this kernel.
    public var isAbsence: Bool {
        switch number {
        case ENOENT, ENODEV, ENXIO, ENOTDIR, EOPNOTSUPP: true
        default: false
        }
    }

    public var description: String { "\(path): \(String(cString: strerror(number)))" }
}
