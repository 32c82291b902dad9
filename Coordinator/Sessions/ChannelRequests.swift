internal import Grid

/// What a NeuroGraph client asked for and was not answered yet: a request is done when the Hub has answered for all its
/// rooms, and is answered behind those before it.
struct ChannelRequests {
    /// What is said when it is done.
    enum Kind: Equatable {
        case subscribe
        case unsubscribe
        /// All channels are told.
        case list
        case ping
        /// Nobody asked: the client came back, and its channels with it.
        case restore
    }

    struct Request: Equatable {
        var kind: Kind
        /// As the client named them.
        var channels: [EventChannel]
        /// Those that were not subscribed to before, or no longer are.
        var changed: [EventChannel] = []
        /// Rooms for which the Hub's answer is due.
        var awaited: [Room] = []
    }

    private var requests: [Request] = []

    mutating func append(_ request: Request) { requests.append(request) }

    /// The Hub has answered for a room. Answers for one room come in the order of their requests.
    mutating func answered(_ room: Room) {
        for place in requests.indices {
            guard let awaited = requests[place].awaited.firstIndex(of: room) else { continue }
            requests[place].awaited.remove(at: awaited)
            return
        }
    }

    /// The first request, if it is done; it is no longer among them.
    mutating func takeDone() -> Request? {
        guard requests.first?.awaited.isEmpty == true else { return nil }
        return requests.removeFirst()
    }

    var count: Int { requests.count }
}
