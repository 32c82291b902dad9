import Grid
import Testing

@testable import Hub

@Suite("Filter match")
struct FilterMatchTests {
    func facts(node: UInt64 = 1, owner: String = "o", region: String? = "r", status: String? = "online") -> EventFacts {
        var facts = EventFacts()
        facts.node = .test(node)
        facts.owner = UserID(owner)
        facts.region = region
        facts.status = status
        return facts
    }

    @Test("AND across keys, OR within lists")
    func semantics() {
        var predicate = Predicate()
        #expect(predicate.matches(.others, facts()) && predicate.matches(.others, EventFacts()))
        predicate.regions = ["q", "r"]
        predicate.statuses = ["busy", "online"]
        #expect(predicate.matches(.others, facts()))
        #expect(!predicate.matches(.others, facts(region: "x")))
        #expect(!predicate.matches(.others, facts(status: "offline")))
        predicate.owner = UserID("p")
        #expect(!predicate.matches(.others, facts()))
    }

    @Test("A fact that an event lacks passes no question about it")
    func missingFacts() {
        var region = Predicate()
        region.regions = [""]
        #expect(!region.matches(.others, facts(region: nil)))
        var job = Predicate()
        job.job = "j"
        #expect(!job.matches(.others, facts()))
    }

    @Test("A union does not depend on the order of its joins and matches what any of them matches")
    func unions() {
        var dice = Dice(21)
        for _ in 0..<2000 {
            let joins = (0..<Int.random(in: 0...4, using: &dice)).map { _ in Predicate.random(&dice) }
            let union = PredicateUnion(room: .nodes, joins)
            #expect(union == PredicateUnion(room: .nodes, joins.shuffled(using: &dice)))
            for (index, predicate) in union.predicates.enumerated() {
                for (other, wider) in union.predicates.enumerated() where other != index {
                    #expect(!wider.covers(predicate))
                }
            }
            for _ in 0..<20 {
                let facts = EventFacts.random(&dice)
                #expect(
                    union.matches(.others, facts) == joins.contains { $0.matches(.others, facts) },
                    "\(joins) on \(facts)")
            }
        }
    }

    @Test("What covers another lets everything through that the other does")
    func covering() {
        var dice = Dice(22)
        var covered = 0
        for _ in 0..<20_000 {
            let wide = Predicate.random(&dice)
            let narrow = Predicate.random(&dice)
            guard wide.covers(narrow) else { continue }
            covered += 1
            let facts = EventFacts.random(&dice)
            #expect(!narrow.matches(.others, facts) || wide.matches(.others, facts))
        }
        #expect(covered > 100)
    }

    @Test("Every restricted predicate has keys, and an event that matches it has one of them")
    func keys() {
        var dice = Dice(23)
        for _ in 0..<5000 {
            let predicate = Predicate.random(&dice)
            #expect(predicate.keys.isEmpty == predicate.isUnrestricted)
            let facts = EventFacts.random(&dice)
            guard predicate.matches(.others, facts), !predicate.isUnrestricted else { continue }
            #expect(
                predicate.keys.contains { key in
                    switch key {
                    case .task(let task): facts.task == task
                    case .job(let job): facts.job == job
                    case .node(let node): facts.node == node
                    case .owner(let owner): facts.owner == owner
                    case .region(let region): facts.region == region
                    case .status(let status): facts.status == status
                    case .topic: false
                    }
                })
        }
    }

    @Test("Joins of several nodes become one question about all of them")
    func nodes() {
        let joins = [UInt64(3), 1, 2, 1].map { number -> Predicate in
            var predicate = Predicate()
            predicate.nodes = [.test(number)]
            return predicate
        }
        let union = PredicateUnion(room: .nodes, joins)
        #expect(union.predicates.count == 1)
        #expect(union.predicates[0].nodes == [.test(1), .test(2), .test(3)])
    }
}

extension Predicate {
    static func random(_ dice: inout Dice) -> Predicate {
        func some<Value: Comparable>(_ values: [Value], _ dice: inout Dice) -> [Value] {
            Bool.random(using: &dice) ? [] : values.filter { _ in Int.random(in: 0..<3, using: &dice) == 0 }.sorted()
        }
        var predicate = Predicate()
        if Int.random(in: 0..<4, using: &dice) == 0 {
            predicate.owner = UserID("u\(Int.random(in: 0..<3, using: &dice))")
        }
        if Int.random(in: 0..<8, using: &dice) == 0 { predicate.task = TaskID(UUID128(high: 0, low: 1)) }
        if Int.random(in: 0..<8, using: &dice) == 0 { predicate.job = "j" }
        predicate.nodes = some((0..<4).map { .test($0) }, &dice)
        predicate.regions = some(["a", "b", "c"], &dice)
        predicate.statuses = some(["busy", "offline", "online"], &dice)
        return predicate
    }
}

extension EventFacts {
    static func random(_ dice: inout Dice) -> EventFacts {
        func maybe<Value>(_ value: Value, _ dice: inout Dice) -> Value? {
            Int.random(in: 0..<6, using: &dice) == 0 ? nil : value
        }
        var facts = EventFacts()
        facts.owner = maybe(UserID("u\(Int.random(in: 0..<3, using: &dice))"), &dice)
        facts.node = maybe(.test(UInt64.random(in: 0..<4, using: &dice)), &dice)
        facts.task = maybe(TaskID(UUID128(high: 0, low: UInt64.random(in: 1...2, using: &dice))), &dice)
        facts.job = maybe("j", &dice)
        facts.region = maybe(["a", "b", "c"].randomElement(using: &dice) ?? "a", &dice)
        facts.status = maybe(["busy", "offline", "online"].randomElement(using: &dice) ?? "busy", &dice)
        return facts
    }
}
