/// The floors of the house: what `Package.swift` declares and what sources import.
struct Floors {
    /// A module's place: its floor, the folder of its sources, and what it may import of the house.
    struct Module: Equatable {
        let name: String
        let floor: Int
        let folder: String
        let dependencies: Set<String>
    }

    let modules: [Module]

    /// Reads the tables `floor0` … `floor4` of the manifest.
    init(manifest: String) {
        var modules: [Module] = []
        for floor in 0...4 {
            guard let start = manifest.firstRange(of: "let floor\(floor)")?.upperBound else { continue }
            let table = manifest[start...].prefix(upTo: manifest[start...].firstRange(of: "\n]")?.lowerBound ?? start)
            for entry in Self.entries(String(table)) { modules.append(Self.module(entry, floor: floor)) }
        }
        self.modules = modules
    }

    /// The quoted words of each entry of a table, and whether they stand in its list of dependencies.
    private static func entries(_ table: String) -> [(words: [String], listed: [String], kind: String)] {
        let pattern = #/(?<kind>house|program|\.target|\.systemLibrary)\((?<body>(?:[^()]|\([^()]*\))*)\)/#
        return table.matches(of: pattern).map { match in
            let body = String(match.output.body)
            let list = body.firstMatch(of: #/\[(?<list>[^\]]*)\]/#).map { String($0.output.list) } ?? ""
            let head = body.split(separator: "[", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
            return (quoted(String(head)), quoted(list), String(match.output.kind))
        }
    }

    private static func quoted(_ text: String) -> [String] {
        text.matches(of: #/"([^"]*)"/#).map { String($0.output.1) }
    }

    private static func module(_ entry: (words: [String], listed: [String], kind: String), floor: Int) -> Module {
        let name = entry.words.first ?? ""
        switch entry.kind {
        case "house":
            return Module(name: name, floor: floor, folder: "Sources/\(name)", dependencies: Set(entry.listed))
        case "program":
            let folder = entry.words.count > 1 ? entry.words[1] : name
            return Module(name: name, floor: floor, folder: folder, dependencies: Set(entry.listed))
        default:
            return Module(name: name, floor: floor, folder: "Sources/\(name)", dependencies: [])
        }
    }

    /// Dependencies that do not go down.
    var climbing: [Finding] {
        modules.flatMap { module in
            module.dependencies.sorted().compactMap { name -> Finding? in
                guard let target = modules.first(where: { $0.name == name }) else {
                    return Finding(path: "Package.swift", line: 0, fault: "\(module.name) needs \(name), on no floor")
                }
                guard target.floor >= module.floor else { return nil }
                let fault = "\(module.name) (floor \(module.floor)) needs \(name) (floor \(target.floor))"
                return Finding(path: "Package.swift", line: 0, fault: fault)
            }
        }
    }

    /// The module that a source file belongs to: the longest folder wins.
    func module(of path: String) -> Module? {
        modules.filter { path.hasPrefix($0.folder + "/") }.max { $0.folder.count < $1.folder.count }
    }

    /// Modules of the toolchain that every floor may import.
    static let everywhere: Set<String> = ["Swift", "Glibc", "Synchronization"]
    /// The Hub has no clock, no randomness and no input but its events; Grid is values only.
    static let pure: Set<String> = ["Hub", "Grid"]

    /// What `module` may import beside its dependencies; `file` is the path below the module's folder.
    static func toolchainModules(for module: Module, file: String) -> Set<String> {
        if pure.contains(module.name) { return ["Swift"] }
        if module.name == "neurogrid-agent" { return everywhere.union(["FoundationEssentials"]) }
        if module.floor >= 4 { return everywhere.union(["FoundationEssentials", "Foundation", "Dispatch"]) }
        if module.name == "Service", file.hasPrefix("Settings") { return everywhere.union(["FoundationEssentials"]) }
        return everywhere
    }

    /// Imports of a source file that its floor does not allow.
    func strayImports(_ file: TextFile) -> [Finding] {
        guard let module = module(of: file.path) else { return [] }
        let below = String(file.path.dropFirst(module.folder.count + 1))
        let allowed = module.dependencies.union(Self.toolchainModules(for: module, file: below))
        return SwiftSource(file.text).lines.enumerated().compactMap { index, line in
            guard let name = Self.importedModule(line), !allowed.contains(name) else { return nil }
            return Finding(path: file.path, line: index + 1, fault: "\(module.name) must not import \(name)")
        }
    }

    /// The module that a line imports: `public import struct Grid.NodeID` imports Grid.
    static func importedModule(_ line: String) -> String? {
        var words = line.split(separator: " ").filter { !$0.hasPrefix("@") }[...]
        if let first = words.first, ["public", "package", "internal", "private", "fileprivate"].contains(first) {
            words = words.dropFirst()
        }
        guard words.first == "import", let second = words.dropFirst().first else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        let name = kinds.contains(second) ? words.dropFirst(2).first ?? second : second
        return String(name.prefix { $0 != "." && $0 != ";" })
    }
}
