import Foundation
import Testing

@testable import neurogrid_simulate

/// The short form of `make simulate`.
@Suite("Histories of a whole grid")
struct WorldTests {
    /// The program that was built together with the tests.
    private static let program: URL = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = ProcessInfo.processInfo.environment["NEUROGRID_BIN"].map { URL(fileURLWithPath: $0) }
        return (folder ?? root.appendingPathComponent(".build/debug")).appendingPathComponent("neurogrid-simulate")
    }()

    @Test("A hundred seeds break no rule")
    func seeds() {
        for seed in 1...100 {
            let outcome = World(seed: UInt64(seed)).run()
            #expect(outcome.violation == nil, "seed \(seed): \(outcome.violation.map { "\($0)" } ?? "")")
            #expect(outcome.tasks >= 30 && outcome.virtualNanoseconds >= Plan.shortest)
        }
    }

    @Test("Two processes with hash seeds of their own live the same histories")
    func hashes() throws {
        let first = try run(["--seeds", "12", "--hashes"])
        #expect(first.split(separator: "\n").count == 12)
        #expect(try run(["--seeds", "12", "--hashes"]) == first)
    }

    private func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
