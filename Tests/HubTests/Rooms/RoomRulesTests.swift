import Grid
import Testing

@testable import Hub

@Suite("Room rules")
struct RoomRulesTests {
    static let admin = Subscriber(user: UserID("boss"), permissions: .admin)
    static let user = Subscriber(user: UserID("me"), permissions: [.nodeRead, .taskSubmit])
    static let nobody = Subscriber(user: UserID("me"), permissions: [])
    static let analyst = Subscriber(user: UserID("me"), permissions: .analyticsRead)

    static func isThere(_ room: Room) -> Bool {
        switch room {
        case .base, .topics, .nodeTopics, .aboutNode: true
        case .node(let node): node == .test(1)
        case .task(let task): task == .test(1)
        case .job(let job): job == "mine"
        case .numberedTask(let number): number == 1
        case .tasksOf(let user): user == UserID("me")
        }
    }

    func outcome(_ room: Room, _ subscriber: Subscriber, _ change: (inout RoomFilter) -> Void = { _ in })
        -> Result<Predicate?, Refusal>
    {
        var filter = RoomFilter()
        change(&filter)
        do {
            return .success(
                try RoomRules.predicate(room, filter, for: subscriber, isThere: Self.isThere))
        } catch {
            return .failure(error)
        }
    }

    func code(_ room: Room, _ subscriber: Subscriber, _ change: (inout RoomFilter) -> Void = { _ in })
        -> Refusal.Code?
    {
        if case .failure(let refusal) = outcome(room, subscriber, change) { refusal.code } else { nil }
    }

    @Test("Each room opens to its permission and to admin", arguments: BaseRoom.allCases)
    func permissions(_ room: BaseRoom) {
        let isAdminsOnly = room == .analytics || room == .logs || room == .channels
        let isEverybodys = room == .general || room == .userUpdates
        #expect(code(.base(room), Self.admin) == nil)
        #expect((code(.base(room), Self.user) == nil) == !isAdminsOnly)
        #expect((code(.base(room), Self.nobody) == nil) == isEverybodys)
        // `analytics:read` opens a REST path only.
        #expect((code(.base(room), Self.analyst) == nil) == isEverybodys)
    }

    @Test("Messages of a channel are for those who may subscribe to it", arguments: EventChannel.allCases)
    func channels(_ channel: EventChannel) {
        let room = Room.topics(.messages(of: channel), of: .channels)
        #expect(code(room, Self.admin) == nil && code(room, Self.nobody) == .forbidden)
        #expect((code(room, Self.user) == nil) == (channel != .logs && channel != .connections))
        let both = Room.topics([.messages(of: channel), .messages(of: .logs)], of: .channels)
        #expect(code(both, Self.user) == .forbidden)
        #expect(code(.topics(.announcements, of: .channels), Self.nobody) == nil)
    }

    @Test("Of the logs, what was done is for those who may do something, and only what they did themselves")
    func actions() throws {
        let actions = Room.topics(.actions, of: .logs)
        #expect(try outcome(actions, Self.user) { _ in }.get()?.owner == Self.user.user)
        #expect(try outcome(actions, Self.admin) { _ in }.get()?.owner == nil)
        #expect(code(actions, Self.nobody) == .forbidden)
        for topics in [EventTopics.connections, [.actions, .connections], [.actions, .others]] {
            #expect(code(.topics(topics, of: .logs), Self.user) == .forbidden)
        }
    }

    @Test("Without the permission an entity that exists and one that does not look the same")
    func entities() {
        #expect(code(.node(.test(1)), Self.user) == nil)
        #expect(code(.node(.test(2)), Self.user) == .unknownRoom)
        for node in [NodeID.test(1), .test(2)] { #expect(code(.node(node), Self.nobody) == .forbidden) }
        for subscriber in [Self.user, Self.admin] {
            #expect(code(.task(.test(1)), subscriber) == nil)
            #expect(code(.job("mine"), subscriber) == nil)
            #expect(code(.task(.test(2)), subscriber) == .unknownRoom)
            #expect(code(.job("j"), subscriber) == .unknownRoom)
        }
        for task in [TaskID.test(1), .test(2)] { #expect(code(.task(task), Self.nobody) == .forbidden) }
    }

    @Test("Ownership is part of the question: tasks are one's own, an administrator's are all")
    func ownership() {
        func owner(_ room: BaseRoom, _ subscriber: Subscriber, _ asked: String? = nil) -> UserID?? {
            let result = outcome(.base(room), subscriber) { $0.userID = asked.map { UserID($0) } }
            guard case .success(let predicate?) = result else { return .none }
            return .some(predicate.owner)
        }
        #expect(owner(.tasks, Self.user) == .some(UserID("me")))
        #expect(owner(.tasks, Self.admin) == .some(nil))
        #expect(owner(.tasks, Self.admin, "other") == .some(UserID("other")))
        #expect(owner(.userUpdates, Self.user) == .some(UserID("me")))
        #expect(owner(.userUpdates, Self.admin) == .some(UserID("boss")))
        #expect(owner(.userUpdates, Self.admin, "other") == .some(UserID("other")))
        #expect(owner(.nodes, Self.user) == .some(nil))
        #expect(owner(.nodes, Self.user, "me") == .some(UserID("me")))
        #expect(owner(.nodes, Self.admin, "other") == .some(UserID("other")))
    }

    @Test("Another user's id is forbidden in every room that has the filter")
    func foreignUser() {
        for room in BaseRoom.allCases where RoomRules.keys(room).contains(.user) && room != .logs {
            #expect(code(.base(room), Self.user) { $0.userID = UserID("other") } == .forbidden)
        }
    }

    @Test("A filter that a room does not have is invalid, and so are values that mean nothing")
    func invalid() {
        for room in [BaseRoom.general, .analytics] {
            for change in [
                { $0.regions = ["r"] }, { $0.nodeIDs = [.test(1)] }, { $0.userID = UserID("boss") },
                { $0.statuses = ["online"] },
            ] as [(inout RoomFilter) -> Void] {
                #expect(code(.base(room), Self.admin, change) == .invalidFilter)
            }
        }
        #expect(code(.base(.nodes), Self.user) { $0.statuses = ["online", "running"] } == .invalidFilter)
        #expect(code(.base(.tasks), Self.user) { $0.statuses = ["online"] } == .invalidFilter)
        #expect(code(.base(.tasks), Self.user) { $0.statuses = ["pending", "running"] } == nil)
        #expect(code(.base(.nodes), Self.user) { $0.regions = [""] } == .invalidFilter)
        #expect(code(.base(.nodes), Self.user) { $0.regions = [String(repeating: "r", count: 65)] } == .invalidFilter)
        #expect(code(.base(.nodes), Self.user) { $0.regions = Set((0...64).map { "r\($0)" }) } == .invalidFilter)
        #expect(code(.base(.nodes), Self.user) { $0.regions = Set((0..<64).map { "r\($0)" }) } == nil)
        #expect(code(.base(.nodes), Self.user) { $0.userID = UserID("") } == .invalidFilter)
        #expect(code(.base(.nodes), Self.user) { $0.nodeIDs = Set((0...64).map { .test($0) }) } == .invalidFilter)
    }

    @Test("An entity's room and a filter that excludes it leave nothing to see, and that is no error")
    func contradiction() {
        guard case .success(nil) = outcome(.node(.test(1)), Self.user, { $0.nodeIDs = [.test(2)] }) else {
            Issue.record("nothing was expected")
            return
        }
        guard
            case .success(let predicate?) = outcome(
                .node(.test(1)), Self.user, { $0.nodeIDs = [.test(1), .test(2)] })
        else {
            Issue.record("a question about node 1 was expected")
            return
        }
        #expect(predicate.nodes == [.test(1)])
    }
}
