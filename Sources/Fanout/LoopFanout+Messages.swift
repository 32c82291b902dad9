internal import Grid

/// Classes whose subscribers frame for themselves.
extension LoopFanout {
    /// Hands a message to everybody who looks through one of its views, in the order of the events.
    func handOver(_ delivery: Delivery, of state: LoopClass) {
        state.pass(to: delivery.end)
        let bytes = delivery.segment.bytes(from: delivery.start, to: delivery.end)
        var handed = 0
        var next = state.views.startIndex
        // Both lists ascend by identifier. Subscribers may leave meanwhile, and views with them.
        for id in delivery.views {
            while next < state.views.endIndex, state.views[next].id < id { next += 1 }
            guard next < state.views.endIndex else { break }
            guard state.views[next].id == id else { continue }
            handed += hand(bytes, delivery.note, to: state.views[next])
        }
        guard handed > 0 else { return }
        statistics.deliveries += UInt64(handed)
        statistics.deliveredBytes += UInt64(handed * bytes.count)
        if delivery.receivedNanoseconds != 0 { received.append(delivery.receivedNanoseconds) }
    }

    /// - Returns: how many took it.
    private func hand(_ bytes: UnsafeRawBufferPointer, _ note: FrameNote, to view: View) -> Int {
        var handed = 0
        var index = 0
        while index < view.synced.count {
            let subscriber = view.synced[index].takeUnretainedValue()
            subscriber.handed(bytes, note)
            handed += 1
            // Where it has left, the list's last one has its place.
            if index < view.synced.count, view.synced[index].takeUnretainedValue() === subscriber { index += 1 }
        }
        return handed
    }
}
