import Testing

@testable import Fanout

@Suite("Frame notes")
struct FrameNotesTests {
    /// Frames of ten bytes; the offsets are odd, as of events of which the class has every second one.
    private func notes(_ count: Int) -> FrameNotes {
        var notes = FrameNotes()
        for number in 0..<count {
            notes.append(
                start: UInt64(number * 10), FrameNote(subject: UInt64(number % 3), offset: UInt64(2 * number + 1)))
        }
        return notes
    }

    @Test("a position has the offset of the frame before it")
    func offsets() {
        let notes = notes(5)
        #expect([0, 1, 10, 11, 40, 41, 99].map { notes.offset(before: $0) } == [0, 1, 1, 3, 7, 9, 9])
        #expect([0, 1, 10, 11, 99].map { notes.place(atOrAfter: $0) } == [0, 1, 1, 2, 5])
    }

    @Test("dropped frames are forgotten but for the last one's offset, however often and few at a time")
    func drops() {
        var notes = notes(1000)
        for kept in stride(from: 1000, through: 0, by: -7) {
            let start = UInt64((1000 - kept) * 10)
            notes.drop(before: start)
            #expect(notes.count == kept)
            #expect(notes.offset(before: start) == (kept == 1000 ? 0 : UInt64(2 * (1000 - kept) - 1)))
            if kept > 0 { #expect(notes[0].start == start) }
        }
        notes.append(start: 20_000, FrameNote(subject: 0, offset: 5000))
        #expect(notes.offset(before: 20_001) == 5000)
    }

    @Test("frames in runs are counted where they begin")
    func counts() {
        let notes = notes(10)
        var runs = RunList()
        runs.append(start: 10, end: 40)
        runs.append(start: 60, end: 80)
        #expect(notes.count(in: runs, from: 0, to: 100) == 5)
        #expect(notes.count(in: runs, from: 20, to: 70) == 3)
        #expect(notes.count(in: runs, from: 40, to: 60) == 0)
        #expect(notes.count(in: runs, from: 80, to: 100) == 0)
    }
}
