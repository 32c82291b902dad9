internal import Grid
internal import Hub

/// Streams that wait for a commit before they go live, with what their rooms publish meanwhile.
///
/// What waits is one room's; the others' readings wait for nobody. So they are kept for the stream, and shown to it
/// between its replay and the live events.
struct ParkedStreams {
    /// What a stream missed while it waited.
    struct Missed {
        fileprivate var looks: [StreamLook]
        /// In the order in which they were published.
        fileprivate(set) var events: [LoggedEvent] = []
        fileprivate var byteCount = 0
        /// More came than is kept: the stream has to come back.
        fileprivate(set) var isTooMuch = false
    }

    private var streams: [SessionID: Missed] = [:]

    /// A stream waits from now on.
    mutating func park(_ session: SessionID, _ looks: [StreamLook]) {
        streams[session] = Missed(looks: looks)
    }

    /// Keeps an event for every stream that waits and is to see it.
    mutating func note(_ publication: Publication) {
        guard !streams.isEmpty else { return }
        for session in streams.keys { streams[session]?.note(publication) }
    }

    /// The stream waits no longer.
    ///
    /// - Returns: what it missed; `nil` if it never waited.
    mutating func release(_ session: SessionID) -> Missed? { streams.removeValue(forKey: session) }
}

extension ParkedStreams.Missed {
    /// Where the stream stands in its rooms behind what it missed.
    func behind(_ looks: [StreamLook]) -> [StreamLook] {
        var looks = looks
        for event in events {
            guard let place = looks.firstIndex(where: { $0.room == event.event.room }) else { continue }
            looks[place].from = event.position
        }
        return looks
    }

    fileprivate mutating func note(_ publication: Publication) {
        let event = publication.event
        guard !isTooMuch, let look = looks.first(where: { $0.room == event.event.room }),
            publication.views.contains(look.view), event.position.offset > look.from.offset
        else { return }
        events.append(event)
        byteCount += event.event.approximateByteCount
        guard byteCount > Limits.parkedBytes else { return }
        isTooMuch = true
        events = []
    }
}
