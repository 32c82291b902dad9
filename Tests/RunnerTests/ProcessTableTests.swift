import Glibc
import Testing

@testable import Runner

@Suite struct ProcessTableTests {
    @Test func aNameMayHoldAnything() throws {
        let line = "4242 (a) R 1 (b) S 17 4242 4240 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2"
        let entry = try #require(ProcessEntry(stat: line))
        #expect(entry.pid == 4242 && entry.state == UInt8(ascii: "S") && entry.parent == 17)
        #expect(entry.group == 4242 && entry.session == 4240 && entry.startTicks == 987_654 && !entry.hasEnded)
        for name in ["\u{301}x", "x\u{600}", "", ")", "a\u{301}) ("] {
            let line = "7 (\(name)) S 17 7 7 0 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0"
            #expect(ProcessEntry(stat: line)?.parent == 17, "\(name)")
        }
        for bad in ["", "1 (x", "x (a) R", "1 (a) R 1 2"] { #expect(ProcessEntry(stat: bad) == nil) }
    }

    @Test func thisProcessIsThere() throws {
        let own = try #require(ProcessTable.entry(getpid()))
        #expect(own.parent == getppid() && own.startTicks > 0)
        #expect(ProcessTable.all().contains { $0.pid == own.pid && $0.startTicks == own.startTicks })
        #expect(ProcessTable.entry(Int32.max) == nil)
    }

    @Test func descendantsAreFoundThroughGenerations() {
        func entry(_ pid: Int32, _ parent: Int32) -> ProcessEntry {
            ProcessEntry(stat: "\(pid) (x) S \(parent) 1 1 0 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0")!
        }
        let table = [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 3), entry(5, 1)]
        #expect(Set(ProcessTable.descendants(of: 2, in: table).map(\.pid)) == [3, 4])
    }
}
