import Glibc
import Testing

@testable import Probe

@Suite struct FileReaderTests {
    private let machine = Machine()
    private let files = FileReader()

    @Test func readsFilesLargerThanItsBuffer() throws {
        let text = String(repeating: "0123456789abcdef", count: 40_000)
        machine.set("/proc/big", text)
        let read = try files.read("/proc/big", of: machine.root) { String(decoding: $0, as: UTF8.self) }
        #expect(read == text)
    }

    @Test func refusesFilesBeyondItsMaximum() throws {
        machine.set("/proc/huge", String(repeating: "x", count: FileReader.maximumBytes + 1))
        #expect(throws: FileFault(number: EFBIG, path: "/proc/huge")) {
            try files.read("/proc/huge", of: machine.root) { $0.count }
        }
    }

    @Test func hotFilesSeeWhatTheyHaveBecome() throws {
        machine.set("/proc/hot", "1")
        let hot = HotFile("/proc/hot", of: machine.root)
        defer { hot.close() }
        let first = try files.read(hot) { String(decoding: $0, as: UTF8.self) }
        machine.set("/proc/hot", "22")
        let second = try files.read(hot) { String(decoding: $0, as: UTF8.self) }
        #expect([first, second] == ["1", "22"])
    }

    @Test func hotFilesComeBack() throws {
        let hot = HotFile("/proc/late", of: machine.root)
        defer { hot.close() }
        #expect(throws: FileFault(number: ENOENT, path: "/proc/late")) { try files.read(hot) { $0.count } }
        machine.set("/proc/late", "here")
        #expect(try files.read(hot) { $0.count } == 4)
    }

    @Test func attributesLeaveTheSharedBufferAlone() throws {
        machine.set("/proc/outer", "outer")
        machine.set("/sys/inner", "42\n")
        let both = try files.read("/proc/outer", of: machine.root) { bytes in
            let inner = files.number("/sys/inner", of: machine.root)
            return "\(String(decoding: bytes, as: UTF8.self)) \(inner ?? 0)"
        }
        #expect(both == "outer 42")
    }

    @Test func attributesThatAreNotThereAreNone() {
        machine.set("/sys/empty", "\n")
        machine.set("/sys/negative", "-1\n")
        #expect(files.line("/sys/nothing", of: machine.root) == nil)
        #expect(files.line("/sys/empty", of: machine.root) == nil)
        #expect(files.number("/sys/negative", of: machine.root) == nil)
    }

    @Test func aReaderKeepsNoDescriptor() throws {
        machine.set("/proc/some", "x")
        for _ in 0..<10 { _ = try files.read("/proc/some", of: machine.root) { $0.count } }
        _ = files.number("/proc/some", of: machine.root)
        #expect(try descriptorCount("/proc/some") == 0)
        let hot = HotFile("/proc/some", of: machine.root)
        for _ in 0..<10 { _ = try files.read(hot) { $0.count } }
        #expect(try descriptorCount("/proc/some") == 1, "one that is kept is seen")
        hot.close()
        #expect(try descriptorCount("/proc/some") == 0)
    }

    /// How many descriptors of this process are of that file; other tests, which run beside this one, know of none.
    private func descriptorCount(_ file: String) throws -> Int {
        var status = stat()
        try #require(stat(machine.root.path(file), &status) == 0)
        return try MachineRoot.live.list("/proc/self/fd").count { name in
            var other = stat()
            // Through the descriptor's link: a number that was closed meanwhile names nothing.
            guard stat("/proc/self/fd/\(name)", &other) == 0 else { return false }
            return other.st_dev == status.st_dev && other.st_ino == status.st_ino
        }
    }
}
