import Foundation
import Testing

@testable import neurogrid_simulate

/// The short form of `make simulate`.
@Suite("Histories of a whole grid")
struct WorldTests {
    /// The built program beside the tests.
    private static let program = Bundle.allBundles.lazy.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        .map { $0.deletingLastPathComponent() }
        ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()

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
        process.executableURL = Self.program.appendingPathComponent("neurogrid-simulate")
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
