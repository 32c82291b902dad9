internal import Grid
internal import Wire

/// What an EyeNet client is subscribed to, and its wishes that the Hub has not answered.
///
/// A subscription may be several rooms; it is acknowledged when the Hub has answered for all of them.
struct EyeNetBook {
    struct Wish: Equatable {
        var outcome: EyeNetOutcome
        var subscription: EyeNetSubscription
        /// Under which its acknowledgement is asked for.
        var id: UInt64?
        /// Rooms of which nothing was heard yet.
        fileprivate var rooms: [Room]
        fileprivate(set) var refusal: Refusal?
    }

    private var subscriptions: Set<EyeNetSubscription> = []
    /// In the order in which they came.
    private var wishes: [Wish] = []

    /// Subscriptions that there are or may be when the Hub has answered.
    var count: Int { subscriptions.count + Set(wished).subtracting(subscriptions).count }

    private var wished: [EyeNetSubscription] {
        wishes.filter { $0.outcome == .subscribed }.map(\.subscription)
    }

    /// Whether the client subscribes to it, or wants to.
    func holds(_ subscription: EyeNetSubscription) -> Bool {
        guard let last = wishes.last(where: { $0.subscription == subscription }) else {
            return subscriptions.contains(subscription)
        }
        return last.outcome == .subscribed
    }

    /// Notes a wish. - Returns: it, if the Hub has nothing to say to it.
    mutating func ask(_ outcome: EyeNetOutcome, _ subscription: EyeNetSubscription, _ id: UInt64?) -> Wish? {
        let wish = Wish(outcome: outcome, subscription: subscription, id: id, rooms: subscription.rooms)
        guard wish.rooms.isEmpty else {
            wishes.append(wish)
            return nil
        }
        conclude(wish)
        return wish
    }

    /// The Hub has answered for a room. - Returns: the wish that is settled by it.
    mutating func settle(_ outcome: EyeNetOutcome, _ room: Room, refusal: Refusal?) -> Wish? {
        guard let place = wishes.firstIndex(where: { $0.outcome == outcome && $0.rooms.contains(room) }) else {
            return nil
        }
        wishes[place].rooms.removeAll { $0 == room }
        return settle(at: place, refusal)
    }

    /// The Hub knew nothing of a room that was to be left: its join was refused. - Returns: the wish that is settled.
    mutating func settleUnjoined(_ refusal: Refusal) -> Wish? {
        guard let place = wishes.firstIndex(where: { $0.outcome == .unsubscribed }) else { return nil }
        wishes[place].rooms.removeFirst()
        return settle(at: place, refusal)
    }

    private mutating func settle(at place: Int, _ refusal: Refusal?) -> Wish? {
        if let refusal { wishes[place].refusal = refusal }
        guard wishes[place].rooms.isEmpty else { return nil }
        let wish = wishes.remove(at: place)
        conclude(wish)
        return wish
    }

    private mutating func conclude(_ wish: Wish) {
        guard wish.refusal == nil else { return }
        switch wish.outcome {
        case .subscribed: subscriptions.insert(wish.subscription)
        case .unsubscribed: subscriptions.remove(wish.subscription)
        }
    }
}
