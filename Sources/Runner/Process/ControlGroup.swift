internal import Glibc

/// The control groups of one run: one folder in each tree that is used.
struct ControlGroup: Hashable {
    /// The folders, each once.
    private(set) var folders: [String] = []
    private var unifiedFolder: String?
    private var memoryFolder: String?
    private var isMemoryUnified = false

    /// Makes the groups of that name. What cannot be made is left out and told in `shortcomings`.
    static func make(
        _ name: String, on host: ControlGroupHost, limits: EffectiveLimits, shortcomings: inout [String]
    ) -> ControlGroup {
        var group = ControlGroup()
        func folder(in parent: String) -> String? {
            let path = "\(parent)/\(name)"
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
                shortcomings.append("\(path): \(String(cString: strerror(errno)))")
                return nil
            }
            if !group.folders.contains(path) { group.folders.append(path) }
            return path
        }
        if let parent = host.unifiedFolder { group.unifiedFolder = folder(in: parent) }
        for controller in ControlGroupHost.Controller.allCases {
            let settings = group.settings(controller, host.unified.contains(controller), limits)
            guard let parent = host.folders[controller] else {
                if !settings.isEmpty { shortcomings.append("the \(controller.rawValue) limit is not enforced") }
                continue
            }
            guard let path = folder(in: parent) else { continue }
            if controller == .memory {
                group.memoryFolder = path
                group.isMemoryUnified = host.unified.contains(.memory)
            }
            for setting in settings {
                let failure = write(setting.value, to: "\(path)/\(setting.file)")
                if failure != 0, !setting.isOptional {
                    shortcomings.append("\(path)/\(setting.file): \(String(cString: strerror(failure)))")
                }
            }
        }
        return group
    }

    private typealias Setting = (file: String, value: String, isOptional: Bool)

    private func settings(
        _ controller: ControlGroupHost.Controller, _ isUnified: Bool, _ limits: EffectiveLimits
    ) -> [Setting] {
        switch controller {
        case .memory:
            guard let mebibytes = limits.memoryMebibytes else { return [] }
            let bytes = String(mebibytes << 20)
            return isUnified
                ? [("memory.max", bytes, false), ("memory.swap.max", "0", true), ("memory.oom.group", "1", true)]
                : [("memory.limit_in_bytes", bytes, false), ("memory.memsw.limit_in_bytes", bytes, true)]
        case .pids:
            guard let count = limits.processes else { return [] }
            return [("pids.max", String(count), false)]
        case .cpu:
            guard let milli = limits.cpuMilli else { return [] }
            // Of every tenth of a second, so many microseconds.
            let quota = String(max(1000, milli * 100))
            return isUnified
                ? [("cpu.max", "\(quota) 100000", false)]
                : [("cpu.cfs_period_us", "100000", false), ("cpu.cfs_quota_us", quota, false)]
        }
    }

    /// What a process writes "0" to in order to join.
    var joinFiles: [String] { folders.map { "\($0)/cgroup.procs" } }

    /// Whether the kernel has killed something in it for want of memory.
    var hasRunOutOfMemory: Bool {
        guard let memoryFolder else { return false }
        let file = memoryFolder + (isMemoryUnified ? "/memory.events" : "/memory.oom_control")
        let text = String(decoding: ProcessTable.read(file, atMost: 4096) ?? [], as: UTF8.self)
        return text.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == "oom_kill" && words[1] != "0"
        }
    }

    /// Kills all processes in these groups; those of version 2 all at once.
    static func kill(_ folders: [String]) {
        for folder in folders {
            if write("1", to: "\(folder)/cgroup.kill") == 0 { continue }
            for pid in processes(folder) where pid > 1 { Glibc.kill(pid, SIGKILL) }
        }
    }

    /// The processes in a group.
    static func processes(_ folder: String) -> [Int32] {
        String(decoding: ProcessTable.read("\(folder)/cgroup.procs", atMost: 1 << 20) ?? [], as: UTF8.self)
            .split(separator: "\n").compactMap { Int32($0) }
    }

    /// Removes groups that are empty; `false` where one is not.
    @discardableResult
    static func remove(_ folders: [String]) -> Bool {
        folders.allSatisfy { rmdir($0) == 0 || errno == ENOENT }
    }

    /// Writes a short text; 0 or an `errno`.
    static func write(_ text: String, to path: String) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count ? 0 : errno
    }
}
