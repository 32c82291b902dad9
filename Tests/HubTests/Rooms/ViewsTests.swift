import Grid
import Testing

@testable import Hub

@Suite("Views")
struct ViewsTests {
    func union(_ predicates: [Predicate], _ room: BaseRoom = .nodes) -> PredicateUnion {
        PredicateUnion(room: room, predicates)
    }

    @Test("Equal questions share one view until the last one goes; then its identifier is free")
    func interning() {
        var views = Views()
        let first = views.acquire(union([Predicate()]))
        #expect(views.acquire(union([Predicate()])) == first && views.count == 1)
        #expect(views.acquire(union([Predicate()], .tasks)) != first, "another room is another view")
        views.release(first)
        #expect(views.matching(.nodes, .others, EventFacts()) == [first])
        views.release(first)
        #expect(views.matching(.nodes, .others, EventFacts()).isEmpty && !views.isViewed(.nodes))
        var filtered = Predicate()
        filtered.regions = ["a"]
        #expect(views.acquire(union([filtered])) == first)
        #expect(views.matching(.nodes, .others, EventFacts()).isEmpty, "nothing is left of its former question")
    }

    @Test("A question that nothing answers is a view that sees nothing")
    func nothing() {
        var views = Views()
        _ = views.acquire(union([]))
        #expect(views.isViewed(.nodes))
        #expect(views.matching(.nodes, .others, EventFacts()).isEmpty)
    }

    @Test("The index finds exactly the views that match one by one, through any coming and going")
    func oracle() {
        var dice = Dice(31)
        var views = Views()
        var held: [ViewID] = []
        var unions: [ViewID: PredicateUnion] = [:]
        for _ in 0..<3000 {
            if held.count > 40 || (!held.isEmpty && Bool.random(using: &dice)) {
                let view = held.remove(at: Int.random(in: 0..<held.count, using: &dice))
                views.release(view)
                if !held.contains(view) { unions[view] = nil }
            } else {
                let room: BaseRoom = Bool.random(using: &dice) ? .nodes : .tasks
                let union = union(
                    (0..<Int.random(in: 0...3, using: &dice)).map { _ in Predicate.random(&dice) }, room)
                let view = views.acquire(union)
                #expect(unions[view] == nil || unions[view] == union)
                unions[view] = union
                held.append(view)
            }
            #expect(views.count == unions.count)
            let facts = EventFacts.random(&dice)
            for room in [BaseRoom.nodes, .tasks] {
                let expected = unions.filter { $0.value.room == room && $0.value.matches(.others, facts) }.keys.sorted()
                #expect(views.matching(room, .others, facts) == expected)
                #expect(views.isViewed(room) == unions.values.contains { $0.room == room })
            }
        }
    }
}
