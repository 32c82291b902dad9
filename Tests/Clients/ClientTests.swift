import Foundation
import Testing

/// Third-party clients of the native dialect, written from the protocol's document alone, against the real programs.
///
/// Each script starts its own coordinator and agents on free ports and ends with status 0 when all its checks passed.
/// One at a time: they measure a busy machine, and kill what they started. ``DialectClientTests`` and
/// ``LibraryClientTests`` run beside them.
@Suite("Third-party clients", .serialized)
struct ClientTests {
    @Test(
        "The Python client's checks pass",
        .timeLimit(.minutes(5)),
        arguments: [
            "check_asyncapi", "check_authentication", "check_rooms", "check_limits", "check_events", "check_hostile",
            "check_readings", "check_gpus", "check_liveness", "check_commands", "check_compression",
            "check_document_client", "check_slow", "check_resume", "check_metrics", "check_revocation", "check_siege",
            "check_tls", "check_tasks",
        ])
    func python(_ script: String) async throws { try await ScriptRun.check(script) }

    @Test(
        "An agent that is cut off ends its tasks before others begin them, and what it says late is refused",
        .enabled("network namespaces cannot be had here: they need root and iproute2") {
            try await PartitionCampaign.canRun
        },
        .timeLimit(.minutes(3)))
    func partition() async throws {
        let scenes = ["down", "deaf", "frozen", "stale"]
        let run = try await PartitionCampaign.run(
            ["--lease", "10", "--jobs", "\(scenes.count)", "--scenes", scenes.joined(separator: ",")])
        #expect(run.status == 0, "\(run.output)")
        for scene in scenes { #expect(run.output.contains("ok    partition: \(scene)\n"), "\(run.output)") }
    }

    @Test func aFailingScriptIsSeen() async throws {
        let run = try await ScriptRun(URL(fileURLWithPath: "/bin/sh"), ["-c", "echo said; exit 3"])
        #expect(run.status == 3)
        #expect(run.output == "said\n")
    }
}

/// The same for other dialects, whose checks wait more than they work.
@Suite("Third-party clients of other dialects", .serialized)
struct DialectClientTests {
    @Test(
        "The client's checks pass",
        .timeLimit(.minutes(5)),
        arguments: [
            "check_qubix", "check_qubix_events", "check_qubix_node", "check_triggerx", "check_triggerx_node",
            "check_eyenet", "check_eyenet_events", "check_eyenet_node", "check_engineio_suite", "check_socketio_suite",
            "check_alerts", "check_api_keys", "check_execve", "check_mixed",
        ])
    func python(_ script: String) async throws { try await ScriptRun.check(script) }
}

/// The same for our own client libraries and for NeuroGraph, which has most of them.
@Suite("Client libraries", .serialized)
struct LibraryClientTests {
    @Test(
        "The library's checks pass",
        .timeLimit(.minutes(5)),
        arguments: [
            "check_sse", "check_javascript_library", "check_python_library", "check_python_peer",
            "check_python_neurograph", "check_neurograph_library", "check_neurograph", "check_neurograph_events",
            "check_neurograph_return", "check_neurograph_node",
        ])
    func python(_ script: String) async throws { try await ScriptRun.check(script) }
}

/// `Tests/Campaigns/partition.py`.
enum PartitionCampaign {
    /// Whether this machine lets it make network namespaces.
    static var canRun: Bool {
        get async throws { try await run(["--probe"]).status != unavailable }
    }

    private static let unavailable: Int32 = 69

    static func run(_ arguments: [String]) async throws -> ScriptRun {
        try await ScriptRun(
            Checkout.root.appendingPathComponent(".build/venv/bin/python"),
            [Checkout.root.appendingPathComponent("Tests/Campaigns/partition.py").path] + arguments)
    }
}

/// Where these sources and the built programs are.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folder of the programs under test: where this very test was built.
    static var programs: String {
        ProcessInfo.processInfo.environment["NEUROGRID_BIN"] ?? root.appendingPathComponent(".build/debug").path
    }
}

/// A script that was run to its end, with everything that it said.
struct ScriptRun {
    let status: Int32
    let output: String

    /// Runs a script of checks, which must all pass.
    static func check(_ script: String) async throws {
        let python = Checkout.root.appendingPathComponent(".build/venv/bin/python")
        try #require(FileManager.default.isExecutableFile(atPath: python.path), "make deps first")
        let run = try await ScriptRun(
            python, [Checkout.root.appendingPathComponent("Tests/Clients/python/\(script).py").path])
        #expect(run.status == 0, "\(script):\n\(run.output)")
        // A script that checks nothing has not passed.
        #expect(run.output.contains("ok    "), "\(script) checked nothing:\n\(run.output)")
    }

    /// Runs it in the checkout's root. Its output goes through a file, so that nothing it starts can hold it open.
    init(_ program: URL, _ arguments: [String]) async throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("neurogrid-\(UUID().uuidString).log")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let handle = try FileHandle(forWritingTo: log)
        defer { try? handle.close() }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = Checkout.root
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        var environment = ProcessInfo.processInfo.environment
        environment["NEUROGRID_BIN"] = Checkout.programs
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        process.environment = environment
        let ended = AsyncStream<Int32> { stream in
            process.terminationHandler = { process in
                stream.yield(process.terminationStatus)
                stream.finish()
            }
        }
        try process.run()
        let status = await withTaskCancellationHandler {
            await ended.first { _ in true }
        } onCancel: { [identifier = process.processIdentifier] in
            // Over its time: what it started ends with it.
            kill(identifier, SIGKILL)
        }
        self.status = status ?? -1
        output = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    }
}
