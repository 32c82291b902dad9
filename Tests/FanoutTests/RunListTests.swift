import Testing

@testable import Fanout

@Suite("Run list")
struct RunListTests {
    private func list(_ runs: [(UInt64, UInt64)]) -> RunList {
        var list = RunList()
        for (start, end) in runs { list.append(start: start, end: end) }
        return list
    }

    @Test("adjacent frames are one run")
    func merges() {
        let runs = list([(0, 10), (10, 30), (40, 50)])
        #expect(runs.count == 2)
        #expect(runs[0] == Run(start: 0, end: 30))
        #expect(runs[1] == Run(start: 40, end: 50))
    }

    @Test("a position finds the run that holds it, or the next one")
    func finds() {
        let runs = list([(5, 10), (20, 30)])
        #expect([0, 5, 9, 10, 20, 29, 30].map { runs.first(after: $0) } == [0, 0, 0, 1, 1, 1, 2])
        #expect(runs.run(holding: 4) == nil)
        #expect(runs.run(holding: 5)?.end == 10)
        #expect(runs.run(holding: 10) == nil)
        #expect(runs.run(holding: 30) == nil)
    }

    @Test("bytes between two positions")
    func counts() {
        let runs = list([(5, 10), (20, 30)])
        #expect(runs.byteCount(from: 0, to: 100) == 15)
        #expect(runs.byteCount(from: 7, to: 22) == 5)
        #expect(runs.byteCount(from: 10, to: 20) == 0)
        #expect(runs.byteCount(from: 30, to: 90) == 0)
    }

    @Test("what lies before a position goes, what reaches beyond it stays")
    func drops() {
        var runs = list([(5, 10), (20, 30)])
        runs.drop(before: 9)
        #expect(runs.count == 2)
        runs.drop(before: 10)
        #expect(runs.count == 1 && runs[0].start == 20)
        runs.drop(before: 30)
        #expect(runs.isEmpty)
    }
}
