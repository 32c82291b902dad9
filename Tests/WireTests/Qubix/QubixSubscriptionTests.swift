import Grid
import Testing

@testable import Wire

@Suite("QUBIX subscriptions")
struct QubixSubscriptionTests {
    private static let all: [QubixSubscription] = [
        .marketplace, .provider(NativeGoldens.node), .nobody("provider-123"), .job("nightly-batch"), .job("a:b"),
        .nobody("\u{301}x"), .job("\u{301}x"),
    ]

    @Test("An acknowledgement's name is the subscription's", arguments: all)
    func names(_ subscription: QubixSubscription) {
        #expect(QubixSubscription(id: subscription.id) == subscription)
    }

    @Test("A room is its subscription's alone", arguments: all)
    func rooms(_ subscription: QubixSubscription) {
        if let room = subscription.room { #expect(QubixSubscription(room: room) == subscription) }
    }

    @Test("What the native dialect joins is no subscription, nor are the arrivals")
    func others() {
        let rooms: [Room] = [
            .base(.nodes), .node(NativeGoldens.node), .task(AgentGoldens.task), QubixSubscription.arrivals,
            .topics(.statuses, of: .nodes), .nodeTopics(NativeGoldens.node, .readings),
        ]
        for room in rooms { #expect(QubixSubscription(room: room) == nil, "\(room)") }
    }

    @Test("An identifier may stand with its kind before it or without")
    func prefixes() {
        let node = NativeGoldens.node
        #expect(QubixSubscription(provider: "\(node)") == .provider(node))
        #expect(QubixSubscription(provider: "provider:\(node)") == .provider(node))
        #expect(QubixSubscription(job: "job:j") == .job("j") && QubixSubscription(job: "job:job:j") == .job("job:j"))
        #expect(QubixSubscription(id: "job:\u{301}x") == .job("\u{301}x"), "an accent is a part of the colon")
        #expect(QubixSubscription(id: "provider:\u{301}x") == .nobody("\u{301}x"))
    }

    @Test("Other names are nobody's", arguments: ["", "Marketplace", "provider", "job", "task:7", "node:7"])
    func unknown(_ id: String) { #expect(QubixSubscription(id: id) == nil) }
}
