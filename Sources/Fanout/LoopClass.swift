internal import Glibc
internal import Grid

/// One class as one loop sees it: the segments that its readers still need, and its views.
final class LoopClass {
    let index: Int
    /// `nil` for a class of several rooms.
    let room: BaseRoom?
    /// Whether its subscribers are handed each message and nothing is kept.
    let handsOver: Bool
    private(set) var segments: [Segment] = []
    /// The frames of ``segments``.
    private(set) var notes = FrameNotes()
    /// The epoch of the room's log; means nothing to a class of several.
    var epoch: UInt64 = 0
    /// Behind the last frame that was announced to this loop.
    private(set) var end: UInt64 = 0
    private(set) var views: [View] = []
    var dirtyViews: [View] = []
    private let byteCap: Int

    init(index: Int, byteCap: Int) {
        self.index = index
        room = ClassKey.room(ofIndex: index)
        handsOver = ClassKey.handsOver(index: index)
        self.byteCap = byteCap
    }

    /// Nobody needs what lies before that position.
    func pass(to position: UInt64) { end = position }

    /// Takes note of a frame for the views that match it.
    func append(_ delivery: Delivery) {
        if segments.last !== delivery.segment {
            // No flush will come by while nothing matches a view of this loop.
            if dirtyViews.isEmpty { trim() }
            segments.append(delivery.segment)
        }
        notes.append(start: delivery.start, delivery.note)
        end = delivery.end
        var next = views.startIndex
        // Both lists ascend by identifier, so one walk over the shorter of them finds all.
        for id in delivery.views {
            while next < views.endIndex, views[next].id < id { next += 1 }
            guard next < views.endIndex else { return }
            guard views[next].id == id else { continue }
            let view = views[next]
            view.append(start: delivery.start, end: delivery.end)
            if !view.isDirty {
                view.isDirty = true
                dirtyViews.append(view)
            }
        }
    }

    /// The view of that identifier, made if nobody looked through it yet.
    func view(_ id: ViewID, position: UInt64) -> View {
        var place = views.startIndex
        while place < views.endIndex, views[place].id < id { place += 1 }
        if place < views.endIndex, views[place].id == id { return views[place] }
        end = max(end, position)
        let view = View(id: id, classState: self, position: position)
        views.insert(view, at: place)
        return view
    }

    /// Forgets a view that nobody looks through.
    func remove(_ view: View) {
        views.removeAll { $0 === view }
        dirtyViews.removeAll { $0 === view }
    }

    /// Appends the memory behind a stretch of the stream to a list of vectors, at most `limit` of them.
    ///
    /// - Returns: the position up to which the vectors reach.
    func gather(from: UInt64, to: UInt64, limit: Int, into vectors: inout [iovec]) -> UInt64 {
        var position = from
        var place = firstSegment(holding: from)
        while position < to, place < segments.endIndex, vectors.count < limit {
            let segment = segments[place]
            let nextStart = place + 1 < segments.endIndex ? segments[place + 1].start : end
            let stop = min(to, nextStart)
            let bytes = segment.bytes(from: position, to: stop)
            vectors.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count))
            position = stop
            place += 1
        }
        return position
    }

    private func firstSegment(holding position: UInt64) -> Int {
        var place = segments.count - 1
        while place > 0, segments[place].start > position { place -= 1 }
        return max(place, 0)
    }

    /// The segment that holds a position, which must lie before ``end``.
    func bytes(from: UInt64, to: UInt64) -> UnsafeRawBufferPointer {
        segments[firstSegment(holding: from)].bytes(from: from, to: to)
    }

    /// The first byte that is still there.
    var start: UInt64 { segments.first?.start ?? end }

    /// The first frame end at or behind a position of a run that was written to a socket.
    func frameEnd(atOrAfter position: UInt64, within run: Run) -> UInt64 {
        let place = notes.place(atOrAfter: position)
        return min(place < notes.count ? notes[place].start : end, run.end)
    }

    /// Where the frame ends whose note has that place and which lies in a run.
    func frameEnd(at place: Int, within run: Run) -> UInt64 {
        min(place + 1 < notes.count ? notes[place + 1].start : end, run.end)
    }

    /// Lets go of segments that all readers have passed.
    func trim() {
        var needed = end
        for view in views {
            view.trim()
            if let oldest = view.oldestNeeded { needed = min(needed, oldest) }
        }
        drop { _, second in second.start <= needed }
    }

    /// The first byte that may stay under the byte cap; `nil` while all may.
    var startUnderCap: UInt64? {
        guard segments.count > 1, end - segments[0].start > UInt64(byteCap) else { return nil }
        let first = segments.dropLast().firstIndex { end - $0.start <= UInt64(byteCap) } ?? segments.count - 1
        return segments[first].start
    }

    /// Lets go of the segments before a position, whoever needs them.
    func drop(before position: UInt64) {
        drop { first, _ in first.start < position }
    }

    /// Lets go of the first segments, as long as each and its successor fit the condition.
    private func drop(while isDroppable: (Segment, Segment) -> Bool) {
        var count = 0
        while count + 1 < segments.count, isDroppable(segments[count], segments[count + 1]) { count += 1 }
        guard count > 0 else { return }
        segments.removeFirst(count)
        notes.drop(before: segments[0].start)
    }
}
