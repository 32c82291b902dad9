internal import Grid

/// The distinct unions that sessions look through, each interned once, with how many sessions share it, and
/// the index that tells which of them an event matches.
///
/// An event costs one comparison for the unrestricted views and a hash lookup for each kind of key that some
/// view uses; only the predicates found that way are evaluated, never one per subscriber.
struct Views: Sendable {
    private struct Entry: Sendable {
        var union: PredicateUnion
        var references: Int
    }

    private struct Candidate: Sendable {
        var view: ViewID
        var predicate: Predicate
    }

    /// The views of one base room.
    private struct Index: Sendable {
        var views = 0
        /// Ascending. Two an audience at most, one of them unlimited: equal unions are one view.
        var unrestricted: [ViewID] = []
        var keyed: [MatchKey: [Candidate]] = [:]
        var used = KeyKinds()
    }

    /// How many predicates are filed under each kind of key, so that unused kinds cost no lookup.
    private struct KeyKinds: Sendable {
        var task = 0
        var job = 0
        var node = 0
        var owner = 0
        var region = 0
        var status = 0
        var topic = 0

        mutating func count(_ key: MatchKey, by step: Int) {
            switch key {
            case .task: task += step
            case .job: job += step
            case .node: node += step
            case .owner: owner += step
            case .region: region += step
            case .status: status += step
            case .topic: topic += step
            }
        }
    }

    private var entries: [Entry?] = []
    private var free: [UInt32] = []
    private var ids: [PredicateUnion: ViewID] = [:]
    private var indices: [Index] = Array(repeating: Index(), count: BaseRoom.allCases.count)

    /// Distinct views in use.
    var count: Int { ids.count }

    /// Whether anybody looks at the room at all.
    func isViewed(_ room: BaseRoom) -> Bool { indices[Int(room.rawValue)].views > 0 }

    func union(of view: ViewID) -> PredicateUnion? { entries[Int(view.index)]?.union }

    /// The view of that union, one reference more; made if nobody had it.
    mutating func acquire(_ union: PredicateUnion) -> ViewID {
        if let view = ids[union] {
            entries[Int(view.index)]?.references += 1
            return view
        }
        let view: ViewID
        let entry = Entry(union: union, references: 1)
        if let reused = free.popLast() {
            view = ViewID(index: reused, audience: union.audience)
            entries[Int(view.index)] = entry
        } else {
            view = ViewID(index: UInt32(entries.count), audience: union.audience)
            entries.append(entry)
        }
        ids[union] = view
        file(view, union)
        return view
    }

    /// One reference less; the last one frees the view's identifier for another union.
    mutating func release(_ view: ViewID) {
        guard var entry = entries[Int(view.index)] else { preconditionFailure("a view is released too often") }
        entry.references -= 1
        guard entry.references == 0 else {
            entries[Int(view.index)] = entry
            return
        }
        entries[Int(view.index)] = nil
        ids[entry.union] = nil
        free.append(view.index)
        unfile(view, entry.union)
    }

    /// Every view of the room that lets an event of that topic with these facts through, ascending.
    func matching(_ room: BaseRoom, _ topic: EventTopics, _ facts: EventFacts) -> [ViewID] {
        let index = indices[Int(room.rawValue)]
        if index.views == 0 { return [] }
        var found = EventTopics.logged.contains(topic) ? index.unrestricted : []
        if index.keyed.isEmpty { return found }
        func look(_ key: MatchKey) {
            guard let candidates = index.keyed[key] else { return }
            for candidate in candidates where candidate.predicate.matches(topic, facts) { found.append(candidate.view) }
        }
        if index.used.task > 0, let task = facts.task { look(.task(task)) }
        if index.used.job > 0, let job = facts.job { look(.job(job)) }
        if index.used.node > 0, let node = facts.node { look(.node(node)) }
        if index.used.owner > 0, let owner = facts.owner { look(.owner(owner)) }
        if index.used.region > 0, let region = facts.region { look(.region(region)) }
        if index.used.status > 0, let status = facts.status { look(.status(status)) }
        if index.used.topic > 0 { look(.topic(topic)) }
        return Self.ascendingOnce(found)
    }

    /// Those of these views that get what others get only so often.
    func unlimited(among views: [ViewID]) -> [ViewID] {
        views.filter { entries[Int($0.index)]?.union.isUnlimited == true }
    }

    private mutating func file(_ view: ViewID, _ union: PredicateUnion) {
        let room = Int(union.room.rawValue)
        indices[room].views += 1
        if union.isUnrestricted {
            let place = indices[room].unrestricted.partitionPoint { $0 < view }
            indices[room].unrestricted.insert(view, at: place)
            return
        }
        for predicate in union.predicates {
            for key in Self.places(of: predicate) {
                indices[room].keyed[key, default: []].append(Candidate(view: view, predicate: predicate))
                indices[room].used.count(key, by: 1)
            }
        }
    }

    private mutating func unfile(_ view: ViewID, _ union: PredicateUnion) {
        let room = Int(union.room.rawValue)
        indices[room].views -= 1
        if union.isUnrestricted {
            indices[room].unrestricted.removeAll { $0 == view }
            return
        }
        for predicate in union.predicates {
            for key in Self.places(of: predicate) {
                indices[room].keyed[key]?.removeAll { $0.view == view && $0.predicate == predicate }
                if indices[room].keyed[key]?.isEmpty == true { indices[room].keyed[key] = nil }
                indices[room].used.count(key, by: -1)
            }
        }
    }

    /// The keys under which a predicate of a union is filed that is not unrestricted as a whole: one that asks for a
    /// whole log, beside others that ask for what is not logged, is found by its topics.
    private static func places(of predicate: Predicate) -> [MatchKey] {
        predicate.isUnrestricted ? predicate.topics.each.map { .topic($0) } : predicate.keys
    }

    private static func ascendingOnce(_ views: [ViewID]) -> [ViewID] {
        guard views.count > 1 else { return views }
        var result: [ViewID] = []
        result.reserveCapacity(views.count)
        for view in views.sorted() where result.last != view { result.append(view) }
        return result
    }
}
