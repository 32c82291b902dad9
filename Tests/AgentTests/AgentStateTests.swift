import Access
import Foundation
import Glibc
import Grid
import Testing

@testable import neurogrid_agent

@Suite struct AgentStateTests {
    /// Runs a body with the path of a directory that does not exist yet, below one that does.
    private func withScratch(_ body: (String) throws -> Void) throws {
        let parent = FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: parent) }
        try body(parent.appendingPathComponent("a/state").path)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    private let node = NodeID(UUID128(high: 0x0123_4567_89AB_4DEF, low: 0x8123_4567_89AB_CDEF))

    @Test func aFreshStateIsForItsOwnerAlone() throws {
        try withScratch { path in
            let state = try AgentState(directory: path)
            #expect(state.node == nil)
            #expect(mode(path) == 0o700)
            #expect(mode(path + "/agent.key") == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["agent.key"])
        }
    }

    @Test func oneAgentAloneWorksInADirectory() throws {
        try withScratch { path in
            try AgentState(directory: path).lock()
            // A second opening counts as another agent's, since the lock belongs to the first.
            #expect(throws: AgentState.Failure.self) { try AgentState(directory: path).lock() }
        }
    }

    @Test func keyAndNodeComeBack() throws {
        try withScratch { path in
            var first = try AgentState(directory: path)
            try first.remember(node)
            try first.remember(node)
            #expect(mode(path + "/node") == 0o600)
            let second = try AgentState(directory: path)
            #expect(second.node == node)
            #expect(second.key.publicKey == first.key.publicKey)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["agent.key", "node"])
        }
    }

    @Test func anotherNodeReplacesTheFormer() throws {
        try withScratch { path in
            var state = try AgentState(directory: path)
            try state.remember(node)
            let other = NodeID(UUID128(high: 1, low: 2))
            try state.remember(other)
            #expect(try AgentState(directory: path).node == other)
        }
    }

    @Test(arguments: ["", "\n", "not an id\n", "01234567-89ab-4def-8123-456789abcde\n"])
    func aCorruptNodeFileIsNamed(text: String) throws {
        try withScratch { path in
            _ = try AgentState(directory: path)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/node"))
            do {
                _ = try AgentState(directory: path)
                Issue.record("a corrupt file was taken")
            } catch {
                #expect("\(error)".contains(path + "/node"))
            }
        }
    }

    @Test func aCorruptOrExposedKeyIsRefusedAndKept() throws {
        try withScratch { path in
            _ = try AgentState(directory: path)
            let key = path + "/agent.key"
            chmod(key, 0o640)
            #expect(throws: (any Error).self) { try AgentState(directory: path) }
            chmod(key, 0o600)
            try Data("nonsense".utf8).write(to: URL(fileURLWithPath: key))
            chmod(key, 0o600)
            #expect(throws: (any Error).self) { try AgentState(directory: path) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: key)) == Data("nonsense".utf8))
        }
    }

    @Test func aDirectoryThatCannotBeMadeIsNamed() throws {
        do {
            _ = try AgentState(directory: "/proc/none/state")
            Issue.record("a directory was made in /proc")
        } catch {
            #expect("\(error)".contains("/proc/none/state"))
        }
    }
}
