import Glibc
import Testing

@testable import Spool

@Suite struct JournalTests {
    private static let limits = JournalLimits(liveBytes: 4096, recordBytes: 512, slackBytes: 1024)

    private func open(_ scratch: Scratch, _ disk: SpoolDisk = .real) throws -> Journal {
        try Journal(directory: scratch.path, name: "j", limits: Self.limits, disk: disk)
    }

    private func contents(_ journal: Journal) -> [[UInt8]: [UInt8]] {
        Dictionary(uniqueKeysWithValues: journal.keys.map { ($0, journal[$0] ?? []) })
    }

    /// What a fresh look at the folder finds.
    private func reopened(_ scratch: Scratch) throws -> (contents: [[UInt8]: [UInt8]], damage: [SpoolDamage]) {
        let journal = try open(scratch)
        defer { journal.close() }
        return (contents(journal), journal.damage)
    }

    @Test func anEmptyFolderMakesAnEmptyJournal() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        let found = try reopened(scratch)
        #expect(found.contents.isEmpty && found.damage.isEmpty)
        #expect(scratch.files == ["j.1"])
    }

    @Test func orderIsThatOfTheFirstKeeping() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        var journal = try open(scratch)
        for key: UInt8 in [9, 3, 5] { try journal.keep([key], under: [key]) }
        try journal.keep([90], under: [9])
        journal.close()
        journal = try open(scratch)
        #expect(journal.keys == [[9], [3], [5]] && journal[[9]] == [90])
        journal.close()
    }

    /// Whatever is done, in whatever order, with restarts between: what the journal says and what the disk says after
    /// a restart is what a dictionary would.
    @Test(arguments: 0..<40) func itIsADictionaryThatSurvives(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let scratch = Scratch()
        defer { scratch.remove() }
        var journal = try open(scratch)
        var model: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<200 {
            let key = [UInt8.random(in: 0..<12, using: &generator)]
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                let count = Int.random(in: 0...600, using: &generator)
                let value = [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: count)
                do throws(SpoolError) {
                    try journal.keep(value, under: key)
                    model[key] = value
                } catch {
                    #expect(error.kind == .full)
                    let others = model.filter { $0.key != key }.reduce(0) { $0 + $1.key.count + $1.value.count }
                    #expect(count + 1 > 512 || others + count + 1 > 4096)
                }
            case 6..<9:
                try journal.settle(key)
                model[key] = nil
            default:
                journal.close()
                journal = try open(scratch)
                #expect(journal.damage.isEmpty)
            }
            #expect(contents(journal) == model)
            let live = model.reduce(0) { $0 + $1.key.count + $1.value.count + 13 }
            #expect(journal.fileBytes <= 2 * live + 1024 + 600, "the file grows without bound")
        }
        journal.close()
        #expect(try reopened(scratch).contents == model)
        #expect(scratch.files.count == 1)
    }

    /// Three records, and the file's length behind each.
    private func threeRecords(_ scratch: Scratch) throws -> [Int] {
        let journal = try open(scratch)
        defer { journal.close() }
        var ends = [journal.fileBytes]
        for key: UInt8 in 1...3 {
            try journal.keep([UInt8](repeating: key, count: 20), under: [key])
            ends.append(journal.fileBytes)
        }
        return ends
    }

    @Test func aTailTornAtAnyByteLosesOnlyWhatWasTorn() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        let ends = try threeRecords(scratch)
        let whole = scratch.bytes("j.1")
        #expect(whole.count == ends[3])
        for length in ends[0]...whole.count {
            for file in scratch.files { unlink(scratch.path + "/" + file) }
            scratch.write(Array(whole[..<length]), to: "j.1")
            let found = try reopened(scratch)
            let intact = ends.lastIndex { $0 <= length } ?? 0
            #expect(found.contents.count == intact, "torn at \(length)")
            if ends.contains(length) {
                #expect(found.damage.isEmpty)
            } else {
                #expect(found.damage.map(\.kind) == [.tornTail])
                #expect(found.damage.first?.offset == ends[intact])
                #expect(found.damage.first?.lostBytes == length - ends[intact])
            }
            // Told once; what is left is whole again, and nothing is kept of a torn tail.
            let again = try reopened(scratch)
            #expect(again.damage.isEmpty && again.contents == found.contents)
            #expect(!scratch.files.contains("j.damaged"))
        }
    }

    @Test func everyFlippedBitIsNoticedAndThePrefixKept() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        let ends = try threeRecords(scratch)
        let whole = scratch.bytes("j.1")
        for bit in 0..<whole.count * 8 {
            for file in scratch.files { unlink(scratch.path + "/" + file) }
            var changed = whole
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            scratch.write(changed, to: "j.1")
            let found = try reopened(scratch)
            let intact = bit / 8 < ends[0] ? 0 : (ends.lastIndex { $0 <= bit / 8 } ?? 0)
            #expect(!found.damage.isEmpty, "bit \(bit)")
            #expect(found.contents.count == intact, "bit \(bit)")
            for (key, value) in found.contents { #expect(value == [UInt8](repeating: key[0], count: 20)) }
            let again = try reopened(scratch)
            #expect(again.damage.isEmpty && again.contents == found.contents)
        }
    }

    @Test func aDamagedFileStaysForWhoeverWantsToLook() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        _ = try threeRecords(scratch)
        var bytes = scratch.bytes("j.1")
        bytes[20] ^= 1
        scratch.write(bytes, to: "j.1")
        let found = try reopened(scratch)
        #expect(found.damage.map(\.kind) == [.checksum])
        #expect(scratch.bytes("j.damaged") == bytes)
    }

    /// The disk takes any number of bytes and then none: nothing that was refused is there later, nothing kept is lost,
    /// and once there is room everything goes on.
    @Test func aDiskThatFillsAtAnyByte() throws {
        for room in 0..<120 {
            let scratch = Scratch()
            defer { scratch.remove() }
            let failing = FailingDisk()
            let journal = try open(scratch, failing.disk)
            try journal.keep([1, 1, 1], under: [1])
            failing.bytesLeft = room
            failing.longestWrite = 1 + room % 7
            var model: [[UInt8]: [UInt8]] = [[1]: [1, 1, 1]]
            for key: UInt8 in 2...4 {
                do throws(SpoolError) {
                    try journal.keep([UInt8](repeating: key, count: 30), under: [key])
                    model[[key]] = [UInt8](repeating: key, count: 30)
                } catch {
                    #expect(error.kind == .full && error.number == ENOSPC, "\(error)")
                }
            }
            #expect(contents(journal) == model)
            #expect(try reopened(scratch).contents == model, "room \(room)")
            failing.bytesLeft = .max
            // The look above may have taken the number over; this journal goes on with its own file.
            try journal.keep([5], under: [5])
            #expect(journal[[5]] == [5])
            journal.close()
        }
    }

    @Test func afterAFailedSyncTheFileIsWrittenAnew() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        let failing = FailingDisk()
        let journal = try open(scratch, failing.disk)
        try journal.keep([1], under: [1])
        failing.syncFailure = EIO
        #expect(throws: SpoolError.self) { try journal.keep([2], under: [2]) }
        #expect(throws: SpoolError.self) { try journal.keep([3], under: [3]) }
        failing.syncFailure = 0
        try journal.keep([4], under: [4])
        journal.close()
        #expect(try reopened(scratch).contents == [[1]: [1], [4]: [4]])
        #expect(scratch.files == ["j.2"])
    }

    @Test func whatCannotBeCutOffIsLeftBehind() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        let failing = FailingDisk()
        let journal = try open(scratch, failing.disk)
        try journal.keep([1], under: [1])
        failing.bytesLeft = 5
        failing.truncateFailure = EIO
        #expect(throws: SpoolError.self) { try journal.keep([2, 2, 2], under: [2]) }
        failing.bytesLeft = .max
        try journal.keep([3], under: [3])
        journal.close()
        let found = try reopened(scratch)
        #expect(found.contents == [[1]: [1], [3]: [3]] && found.damage.isEmpty)
    }

    /// A crash between the new segment's name and the old one's end leaves both.
    @Test func ofTwoSegmentsTheNewerCounts() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        let journal = try open(scratch)
        try journal.keep([1], under: [1])
        journal.close()
        let old = scratch.bytes("j.1")
        let newer = try SegmentFile.create(
            scratch.path + "/j.2", number: 2, records: [.keep(key: [7], value: [7])], disk: .real)
        newer.close()
        #expect(scratch.bytes("j.1") == old)
        scratch.write([1, 2, 3], to: "j.3.new")
        #expect(try reopened(scratch).contents == [[7]: [7]])
        #expect(scratch.files == ["j.2"])
    }

    @Test func whatIsNoSegmentIsPutAside() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        scratch.write(Array("something else altogether".utf8), to: "j.4")
        let found = try reopened(scratch)
        #expect(found.damage.map(\.kind) == [.foreign] && found.contents.isEmpty)
        #expect(scratch.files == ["j.5", "j.damaged"])
    }
}
