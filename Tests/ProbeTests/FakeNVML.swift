import CLinux
import Glibc
import Grid

@testable import Probe

/// The fake libnvidia-ml of these tests, and the processes that load it.
enum FakeNVML {
    /// The package's root, as seen from this file.
    static let packageRoot: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// The built library; built here when it is missing or older than its sources.
    static let library: String = build() + "/libnvidia-ml.so.1"
    /// The one without the newer functions.
    static let oldLibrary: String = build() + "/old/libnvidia-ml.so.1"

    private static let folder: String = {
        let folder = packageRoot + "/.build/fake-nvml"
        let status = run("/usr/bin/make", ["make", "-s", "-C", packageRoot + "/Tests/FakeNVML", "OUT=" + folder])
        precondition(status == 0, "the fake NVML does not build")
        return folder
    }()

    private static func build() -> String { folder }

    /// The executable that is the child in these tests; SwiftPM puts it beside the test executable.
    static let childExecutable: String = {
        var room = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &room, room.count - 1)
        precondition(count > 0)
        let own = String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/probe-child"
    }()

    static func shipped(_ name: String) -> String { "\(packageRoot)/Tests/Fixtures/nvml/\(name).scenario" }

    /// A configuration whose children load the fake with that scenario, which starts now, or as its clock says.
    static func configuration(
        scenario: String, library: String = library, clock: ScenarioClock? = nil
    ) -> NVMLConfiguration {
        var configuration = NVMLConfiguration()
        configuration.executable = childExecutable
        configuration.arguments = ["probe-child"]
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let start = Double(wall.tv_sec) + Double(wall.tv_nsec) / 1e9
        configuration.environment = [
            "NEUROGRID_NVML_LIBRARY=\(library)", "NEUROGRID_FAKE_NVML_SCENARIO=\(scenario)",
            "NEUROGRID_FAKE_NVML_START=\(start)", "SWIFT_BACKTRACE=enable=no",
        ]
        if let clock { configuration.environment?.append("NEUROGRID_FAKE_NVML_TRIGGER=\(clock.path)") }
        // Under a sanitizer the child reports where its parent does.
        for name in ["ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"] {
            if let value = getenv(name) { configuration.environment?.append("\(name)=\(String(cString: value))") }
        }
        return configuration
    }

    /// Writes a scenario of these lines on top of the shipped host of eight and returns its path.
    static func scenario(_ lines: String..., on base: String? = "h100x8") -> String {
        var text = base.map { readWhole(shipped($0)) } ?? ""
        text += lines.joined(separator: "\n") + "\n"
        return Scratch.file("test.scenario", text)
    }

    private static func readWhole(_ path: String) -> String {
        let files = FileReader()
        let text = try? files.read(path, of: .live) { String(decoding: $0, as: UTF8.self) }
        precondition(text != nil, "\(path) is part of the package")
        return text ?? ""
    }

    /// Runs a program to its end.
    static func run(_ path: String, _ arguments: [String]) -> Int32 {
        var pid: pid_t = 0
        var argv = arguments.map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        let error = clinux_spawn(&pid, path, &argv, nil, [-1, 1, 2], 3)
        guard error == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status
    }
}

/// A scenario's time, in the test's hand: so a fault stands or is over when the test says so, however slow the machine.
/// It is -1 before it starts.
struct ScenarioClock {
    let path = Scratch.folder() + "/trigger"

    /// From here on it is 0 and more.
    func start() { Scratch.write(path, "") }

    /// Sets it on by an hour, for all children.
    func passAnHour() throws {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let times = [timeval](repeating: timeval(tv_sec: wall.tv_sec - 3600, tv_usec: 0), count: 2)
        guard utimes(path, times) == 0 else { throw FileFault(number: errno, path: path) }
    }
}

/// Folders for what a test writes, under the system's temporary folder.
enum Scratch {
    /// A fresh folder.
    static func folder() -> String {
        var template = Array("/tmp/neurogrid-probe-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// Writes a file in a fresh folder.
    static func file(_ name: String, _ text: String) -> String {
        let path = folder() + "/" + name
        write(path, text)
        return path
    }

    /// Writes a file in place, making its folders; open descriptors see the new content.
    static func write(_ path: String, _ text: String) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            mkdir(folder, 0o755)
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        precondition(descriptor >= 0, "a scratch file can be written")
        let bytes = Array(text.utf8)
        precondition(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }
}
