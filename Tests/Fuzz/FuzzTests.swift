import Foundation
import Testing

/// What `make fuzz` checks for minutes, for a moment: the seeds, then a fixed number of mutations of them.
@Suite("Fuzz targets")
struct FuzzTests {
    private static let mutations = 2000

    @Test("No input breaks a promise", arguments: FuzzTarget.all.map(\.name))
    func seedsAndMutations(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seeds = try Corpus.seeds(of: name)
        try #require(!seeds.isEmpty)
        for seed in seeds { try check(target, seed) }
        var mutator = Mutator(seeds: seeds, words: try Corpus.dictionary(of: name))
        for _ in 0..<Self.mutations { try check(target, mutator.next()) }
    }

    /// Checks an input in a block of just its size, so that a sanitizer sees a read beyond the end.
    private func check(_ target: FuzzTarget, _ input: [UInt8]) throws {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
        defer { block.deallocate() }
        block.copyBytes(from: input)
        do {
            try target.check(UnsafeRawBufferPointer(block))
        } catch {
            Issue.record("\(error)\ninput: \(String(decoding: input, as: UTF8.self).debugDescription)")
        }
    }

    @Test("Every target can be built, has seeds and a dictionary")
    func filesAreComplete() throws {
        let names = Set(FuzzTarget.all.map(\.name))
        #expect(names.count == FuzzTarget.all.count)
        #expect(try Corpus.names(in: "Entries", without: ".swift") == names)
        #expect(try Corpus.names(in: "corpora") == names)
        #expect(try Corpus.names(in: "dictionaries", without: ".dict") == names)
    }

    @Test("A broken promise is found")
    func findingsAreFound() {
        let target = FuzzTarget("short") { try require($0.count < 3, "too long") }
        #expect(throws: Never.self) { try target.check(UnsafeRawBufferPointer(start: nil, count: 0)) }
        #expect(throws: FuzzFinding.self) { try [UInt8](repeating: 0, count: 3).withUnsafeBytes(target.check) }
    }

    @Test("Words of a dictionary are read as libFuzzer reads them")
    func dictionaryWords() {
        let text = "# words\n\n\"a\\\\b\\\"c\"\nname=\"\\x00\\xfF!\"\n"
        #expect(Corpus.words(text) == [[UInt8]("a\\b\"c".utf8), [0, 0xFF, 0x21]])
    }
}
