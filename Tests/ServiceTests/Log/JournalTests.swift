import Glibc
import Testing

@testable import Service

@Suite struct JournalTests {
    @Test func aStreamIsRecognisedByDeviceAndInode() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer {
            close(ends[0])
            close(ends[1])
        }
        var status = stat()
        try #require(fstat(ends[1], &status) == 0)
        #expect(JournalStream.matches(ends[1], "\(status.st_dev):\(status.st_ino)"))
        #expect(!JournalStream.matches(ends[1], "\(status.st_dev):\(status.st_ino + 1)"))
        #expect(!JournalStream.matches(ends[1], "\(status.st_dev + 1):\(status.st_ino)"))
        for text in [nil, "", ":", "1", "1:", "a:b", "1:2:3", "-1:2"] { #expect(!JournalStream.matches(ends[1], text)) }
    }

    @Test func withoutAJournalStreamLogsGoToStandardError() {
        #expect(LogDestination.automatic(format: .text, environment: Environment([:])) == .standardError)
    }

    @Test func whoAsksForJSONGetsItOnStandardErrorEvenUnderSystemd() throws {
        var status = stat()
        try #require(fstat(2, &status) == 0)
        let environment = Environment(["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)"])
        #expect(LogDestination.automatic(format: .text, environment: environment) == .journal)
        #expect(LogDestination.automatic(format: .json, environment: environment) == .standardError)
    }

    @Test func aMissingLibraryIsNoJournal() {
        #expect(Journal(library: nil) == nil)
        #expect(SystemdLibrary(named: "libno-such-thing.so.0") == nil)
    }

    @Test func theLibraryHasWhatWeCall() throws {
        // Installed on every machine that builds this; sending without a journal is no error to libsystemd.
        let library = try #require(SystemdLibrary(named: "libsystemd.so.0"))
        let journal = try #require(Journal(library: library))
        _ = journal.send([Array("MESSAGE=neurogrid tests".utf8), Array("PRIORITY=7".utf8)])
    }
}
