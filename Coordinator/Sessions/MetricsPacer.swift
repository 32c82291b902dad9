internal import Bytes
internal import Grid

/// The readings on their way to one EyeNet client: at most so many a minute, and of those that wait the newest of each
/// device, whose turns come in the order in which the first of them came (EVENTS 32).
struct MetricsPacer {
    private var newest: [UInt64: ByteBuffer] = [:]
    /// The devices of ``newest`` in the order of their turns, behind those whose turn was.
    private var turns: [UInt64] = []
    private var past = 0

    var isEmpty: Bool { newest.isEmpty }

    /// Devices whose reading waits.
    var count: Int { newest.count }

    /// A reading that takes the place of one of the same device.
    mutating func hold(_ message: UnsafeRawBufferPointer, of subject: UInt64) {
        if newest.updateValue(ByteBuffer(message), forKey: subject) == nil { turns.append(subject) }
        // So many devices that their turns would come when nobody wants to know any more: the oldest has to go.
        if newest.count > Limits.eyenetWaitingDevices { _ = takeFirst() }
    }

    /// The reading whose turn it is, if one may be sent now.
    ///
    /// - Parameters:
    ///   - window: what the client was sent, in which the reading is counted.
    ///   - limit: readings a minute; 0 allows all.
    mutating func next(_ window: inout RateWindow, now: UInt64, limit: Int) -> ByteBuffer? {
        guard !newest.isEmpty, window.count(now: now, limit: limit) == nil else { return nil }
        return takeFirst()
    }

    private mutating func takeFirst() -> ByteBuffer? {
        let subject = turns[past]
        past += 1
        if past == turns.count {
            (turns, past) = ([], 0)
        } else if past > 1024, past > turns.count / 2 {
            turns.removeFirst(past)
            past = 0
        }
        return newest.removeValue(forKey: subject)
    }
}
