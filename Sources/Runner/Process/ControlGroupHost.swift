internal import Glibc

/// Where on this machine control groups for runs can be made, found out once at the agent's start.
///
/// Both versions are used as they are mounted: on a machine with version 2 alone all three controllers are there if the
/// agent's own group is delegated to it (systemd's `Delegate=yes`); with version 1 each controller has its own tree;
/// and a version 2 without controllers still kills a group at once.
public struct ControlGroupHost: Hashable, Sendable {
    enum Controller: String, CaseIterable, Sendable { case memory, pids, cpu }

    /// The folder in which groups with this controller are made.
    var folders: [Controller: String] = [:]
    /// Which of them are of version 2.
    var unified: Set<Controller> = []
    /// The folder of version 2, with whatever controllers; `nil` where none can be made.
    var unifiedFolder: String?

    /// A machine without control groups.
    public init() {}

    /// Looks at this machine. Makes and removes a group in each tree to see whether that is allowed.
    public static func detect() -> ControlGroupHost {
        let mounts = ProcessTable.read("/proc/self/mountinfo", atMost: 4 << 20) ?? []
        let own = ProcessTable.read("/proc/self/cgroup", atMost: 64 << 10) ?? []
        return ControlGroupHost(
            mountinfo: String(decoding: mounts, as: UTF8.self), own: String(decoding: own, as: UTF8.self),
            isWritable: isWritable, enable: enable)
    }

    init(
        mountinfo: String, own: String, isWritable: (String) -> Bool, enable: (String, [Controller]) -> [Controller]
    ) {
        var paths: [String: String] = [:]
        for line in own.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            for name in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                paths[String(name)] = String(fields[2])
            }
        }
        for line in mountinfo.split(separator: "\n") {
            let halves = line.split(separator: " - ", maxSplits: 1)
            let fields = halves[0].split(separator: " ")
            let kind = halves.count > 1 ? halves[1].split(separator: " ") : []
            // Of a tree mounted from below its top, the agent's own path is not known.
            guard fields.count > 4, kind.count > 2, fields[3] == "/" else { continue }
            let top = String(fields[4])
            if kind[0] == "cgroup2", let path = paths[""] {
                let folder = Self.join(top, path)
                guard isWritable(folder) else { continue }
                unifiedFolder = folder
                for controller in enable(folder, Controller.allCases) where folders[controller] == nil {
                    folders[controller] = folder
                    unified.insert(controller)
                }
            } else if kind[0] == "cgroup" {
                let options = kind[2].split(separator: ",")
                for controller in Controller.allCases where options.contains(Substring(controller.rawValue)) {
                    guard let path = paths[controller.rawValue] else { continue }
                    let folder = Self.join(top, path)
                    if isWritable(folder) { folders[controller] = folder }
                }
            }
        }
    }

    /// A line for the log.
    public var description: String {
        let names = Controller.allCases.filter { folders[$0] != nil }.map { controller in
            "\(controller.rawValue) (v\(unified.contains(controller) ? 2 : 1))"
        }
        let missing = Controller.allCases.filter { folders[$0] == nil }.map(\.rawValue)
        var text =
            names.isEmpty ? "no limits by control groups" : "limits by control groups: \(names.joined(separator: ", "))"
        if !names.isEmpty, !missing.isEmpty { text += "; without \(missing.joined(separator: ", "))" }
        if unifiedFolder == nil { text += "; no kill by group" }
        return text
    }

    private static func join(_ top: String, _ path: String) -> String { path == "/" ? top : top + path }

    private static func isWritable(_ folder: String) -> Bool {
        let trial = "\(folder)/neurogrid-trial-\(getpid())"
        guard mkdir(trial, 0o755) == 0 else { return false }
        rmdir(trial)
        return true
    }

    /// Hands the controllers on to groups below the folder; those that are there afterwards.
    private static func enable(_ folder: String, _ wanted: [Controller]) -> [Controller] {
        func names(_ file: String) -> Set<Substring> {
            let bytes = ProcessTable.read("\(folder)/\(file)", atMost: 4096) ?? []
            return Set(String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" })
        }
        let offered = names("cgroup.controllers")
        let missing = wanted.filter { offered.contains(Substring($0.rawValue)) }
            .filter { !names("cgroup.subtree_control").contains(Substring($0.rawValue)) }
        let request = missing.map { "+\($0.rawValue)" }.joined(separator: " ")
        if !missing.isEmpty, ControlGroup.write(request, to: "\(folder)/cgroup.subtree_control") == EBUSY {
            // A group with processes of its own hands nothing on: the agent moves into one beside those of its runs.
            let leaf = "\(folder)/agent"
            mkdir(leaf, 0o755)
            if ControlGroup.write("0", to: "\(leaf)/cgroup.procs") == 0 {
                _ = ControlGroup.write(request, to: "\(folder)/cgroup.subtree_control")
            }
        }
        let given = names("cgroup.subtree_control")
        return wanted.filter { given.contains(Substring($0.rawValue)) }
    }
}
