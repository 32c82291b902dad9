// swift-tools-version: 6.2
// The floors of the house: a target imports only what stands beneath it, never a sibling.
import PackageDescription

let strict = Context.environment["NEUROGRID_STRICT"] == "1"

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])
    + (Context.environment["NEUROGRID_PLANTED_BUGS"] == "1" ? [.define("PLANTED_BUGS")] : [])

/// A library target of the house: its name is its folder under `Sources/`.
func house(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: settings)
}

/// An executable of the house.
func program(_ name: String, path: String, exclude: [String] = [], _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: settings)
}

/// The tests of one module, a file per source file.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
        path: "Tests/\(name)Tests", swiftSettings: settings)
}

/// The tests of a program's own parts, and of the built program itself.
func programTests(_ name: String, of program: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: program)] + dependencies,
        path: "Tests/\(name)Tests", swiftSettings: settings)
}

let floor0: [Target] = [
    .target(name: "CLinux", path: "Sources/CLinux", cSettings: [.define("_GNU_SOURCE")]),
    .systemLibrary(name: "CNVML", path: "Sources/CNVML"),
    .systemLibrary(name: "CSystemd", path: "Sources/CSystemd"),
    .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CSQLite", path: "Sources/CSQLite", pkgConfig: "sqlite3"),
    .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib"),
]

let floor1: [Target] = [
    house("Grid", []),
    house("Bytes", []),
]

let floor2: [Target] = [
    house("Reactor", ["CLinux", "COpenSSL", "Bytes"]),
    house("Web", ["Bytes", "CZlib"]),
    house("Wire", ["Grid", "Bytes"]),
    house("Probe", ["Grid", "Bytes", "CLinux", "CNVML"]),
    house("Hub", ["Grid"]),
    house("Access", ["Grid", "Bytes", "COpenSSL"]),
    house("Service", ["Bytes", "CLinux", "CSystemd"]),
]

let floor3: [Target] = [
    house("Fanout", ["Grid", "Bytes", "Reactor", "Web", "Wire"]),
    house("Dial", ["Bytes", "Reactor", "Web"]),
    house("Store", ["Grid", "Bytes", "Reactor", "COpenSSL", "CSQLite"]),
    house("Spool", ["Grid", "Bytes", "CLinux"]),
    house("Runner", ["Grid", "Bytes", "Reactor", "CLinux"]),
]

let floor4: [Target] = [
    program(
        "neurogrid-agent", path: "Agent",
        [
            "Grid", "Bytes", "Reactor", "Web", "Wire", "Probe", "Access", "Service", "Dial", "Spool", "Runner",
            "CLinux",
        ]),
    program(
        "neurogrid-coordinator", path: "Coordinator",
        ["Grid", "Bytes", "Reactor", "Web", "Wire", "Hub", "Access", "Service", "Fanout", "Store", "Dial", "CLinux"]),
    program(
        "neurogridctl", path: "Sources/neurogridctl",
        ["Grid", "Bytes", "Reactor", "Web", "Service", "Dial"]),
]

let benchmarks: [Target] = [
    program(
        "neurogrid-echo", path: "Benchmarks/Echo",
        ["Grid", "Bytes", "Reactor", "Web", "Wire", "Access", "Service", "Fanout", "Dial", "CLinux"]),
    program(
        "neurogrid-load", path: "Benchmarks/Load",
        ["Grid", "Bytes", "Reactor", "Web", "Wire", "Access", "Service", "Dial", "CLinux"]),
    program("neurogrid-placement", path: "Benchmarks/Placement", ["Grid", "Hub", "Service"]),
    program("neurogrid-simulate", path: "Tests/Simulation", exclude: ["run.sh"], ["Grid", "Hub", "Service"]),
]

let testTargets: [Target] = [
    program("probe-child", path: "Tests/ProbeChild", ["Probe"]),
    program("runner-child", path: "Tests/RunnerChild", ["Grid", "Bytes", "Reactor", "Runner"]),
    program(
        "socket-echo", path: "Tests/SocketEcho", ["Grid", "Bytes", "Reactor", "Web", "Wire", "Fanout"]),
    .target(name: "TestCertificates", path: "Tests/TestCertificates", swiftSettings: settings),
    tests("Grid"),
    tests("Bytes"),
    tests("Reactor", ["CLinux", "COpenSSL", "TestCertificates"]),
    tests("Web", ["Bytes"]),
    tests("Wire", ["Grid", "Bytes"]),
    tests("Probe", ["Grid", "Bytes", "CLinux", "probe-child"]),
    tests("Hub", ["Grid"]),
    tests("Access", ["Grid", "Bytes", "COpenSSL"]),
    tests("Service", ["Bytes"]),
    tests("Fanout", ["Grid", "Bytes", "Reactor", "Web", "Wire", "CLinux"]),
    tests("Dial", ["Bytes", "Reactor", "Web", "CLinux", "CZlib", "TestCertificates"]),
    tests("Store", ["Grid", "Bytes", "Reactor", "CSQLite"]),
    tests("Spool", ["Grid", "Bytes"]),
    tests("Runner", ["Grid", "Bytes", "Reactor", "CLinux", "runner-child"]),
    programTests(
        "Coordinator", of: "neurogrid-coordinator",
        [
            "Grid", "Bytes", "Reactor", "Web", "Wire", "Hub", "Access", "Service", "Fanout", "Store", "Dial",
            "neurogrid-agent", "neurogridctl", "TestCertificates",
        ]),
    programTests(
        "Agent", of: "neurogrid-agent",
        ["Grid", "Bytes", "Reactor", "Web", "Wire", "Access", "Service", "Dial", "Spool", "Runner"]),
    programTests("Control", of: "neurogridctl", ["Bytes", "Service"]),
    programTests("Placement", of: "neurogrid-placement", ["Grid", "Hub"]),
    programTests("Simulation", of: "neurogrid-simulate", ["Grid", "Hub"]),
    .testTarget(
        name: "FuzzTests", dependencies: ["Grid", "Bytes", "Web", "Wire", "Access", "Service"], path: "Tests/Fuzz",
        exclude: ["Entries", "build.sh", "corpora", "dictionaries", "run.sh"], swiftSettings: settings),
    .testTarget(name: "TidyTests", path: "Tests/Tidy", swiftSettings: settings),
    .testTarget(
        name: "ClientTests", dependencies: ["Access", "Bytes"], path: "Tests/Clients",
        exclude: ["python", "javascript", "requirements.txt"], swiftSettings: settings),
]

let package = Package(
    name: "NeuroGrid",
    targets: floor0 + floor1 + floor2 + floor3 + floor4 + benchmarks + testTargets,
    swiftLanguageModes: [.v6]
)
