/// What a subscriber that is too far behind gets of a stretch of its view: the newest frame of each subject, and every
/// frame for which nothing may stand in.
///
/// Which frames these are depends on the stretch's end alone, so subscribers of one view share a plan wherever they
/// stand in it.
final class ConflationPlan {
    let from: UInt64
    let through: UInt64
    /// What is left of the view's runs.
    let runs: RunList

    /// Walks back from what the view's synced subscribers have had. "Newest" is among the frames that match the view:
    /// a filter by status may let an older one through and not the next.
    init(_ view: View, from: UInt64) {
        self.from = from
        through = view.flushedThrough
        let notes = view.classState.notes
        var newest: Set<UInt64> = []
        var kept: [Run] = []
        var place = notes.place(atOrAfter: view.flushedThrough)
        var index = view.runs.count - 1
        while place > 0, index >= 0 {
            place -= 1
            let entry = notes[place]
            guard entry.start >= from else { break }
            while index >= 0, view.runs[index].start > entry.start { index -= 1 }
            guard index >= 0, entry.start < view.runs[index].end else { continue }
            guard entry.note.subject == 0 || newest.insert(entry.note.subject).inserted else { continue }
            kept.append(Run(start: entry.start, end: view.classState.frameEnd(at: place, within: view.runs[index])))
        }
        var runs = RunList()
        for run in kept.reversed() { runs.append(start: run.start, end: run.end) }
        self.runs = runs
    }

    /// Whether the plan serves a subscriber of the view that stands at a position, without being too old for it.
    func serves(_ position: UInt64, of view: View, toleranceBytes: Int) -> Bool {
        from <= position && position < through && view.flushedThrough - through <= UInt64(toleranceBytes)
    }

    /// What somebody who follows the plan from a position on does not get.
    func skipped(from position: UInt64, of view: View) -> SkippedFrames {
        let notes = view.classState.notes
        let count =
            notes.count(in: view.runs, from: position, to: through)
            - notes.count(in: runs, from: position, to: through)
        guard count > 0 else { return SkippedFrames() }
        return SkippedFrames(
            count: UInt64(count), fromOffset: notes.offset(before: position) + 1,
            toOffset: notes.offset(before: through))
    }
}
