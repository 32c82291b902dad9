import Grid
import Testing

@testable import Hub

@Suite("Predictions")
struct OnPredictionRequestedTests {
    static let content = PredictionContent(
        status: .completed, results: [PredictionResult(label: "drift", confidenceMillionths: 950_000)],
        node: .test(1))

    func tell(
        _ scene: inout Scene, _ id: UInt64, key: String? = nil, _ change: (inout PredictionContent) -> Void = { _ in }
    ) -> [Effect] {
        var content = Self.content
        change(&content)
        let wish = PredictionRequest(id: UUID128(high: 6, low: id), sender: UserID("ml"), key: key, content: content)
        return scene.apply(.predictionRequested(.test(1), wish))
    }

    func receipts(_ effects: [Effect]) -> [UInt64] {
        effects.compactMap { if case .answer(_, .predicted(let id, _)) = $0 { id.low } else { nil } }
    }

    @Test("Stored in its room's log, told to those who look at the node, and answered")
    func telling() {
        var scene = Scene.watched()
        var filter = RoomFilter()
        filter.nodeIDs = [.test(1)]
        filter.regions = ["r"]
        scene.open(51)
        scene.join(51, .base(.predictions), filter)
        let effects = tell(&scene, 1)
        #expect(receipts(effects) == [1])
        let told = effects.publications.first { $0.event.event.room == .predictions }
        #expect(told?.views.count == 2)
        #expect(effects.persisted.contains { if case .event(let event) = $0 { event == told?.event } else { false } })
        #expect(effects.events.contains { if case .actionExecuted = $0 { true } else { false } })
    }

    @Test("A request that is repeated is told once, also after a restart")
    func keys() {
        var scene = Scene.watched()
        #expect(receipts(tell(&scene, 1, key: "k")) == [1])
        let again = tell(&scene, 2, key: "k")
        #expect(receipts(again) == [1] && again.persisted.isEmpty && again.events.isEmpty)
        #expect(tell(&scene, 3, key: "k") { $0.model = "other" }.refusals == [.idempotencyConflict])
        let log = scene.hub.rooms.log(.predictions)
        var state = StoredState(nodes: scene.hub.nodes.records, coordinatorID: UUID128(high: 7, low: 7))
        state.logs = [StoredLog(room: .predictions, epoch: log.epoch, events: [log[1]].compactMap { $0 })]
        var restarted = Scene(state)
        #expect(receipts(tell(&restarted, 9, key: "k")) == [1])
    }

    @Test("What cannot be a prediction is refused")
    func refusals() {
        var scene = Scene.watched()
        #expect(tell(&scene, 1) { $0.node = .test(9) }.refusals == [.badRequest])
        #expect(tell(&scene, 1) { $0.results[0].confidenceMillionths = 1_000_001 }.refusals == [.badRequest])
        #expect(tell(&scene, 1) { $0.results[0].label = "" }.refusals == [.badRequest])
        #expect(tell(&scene, 1) { $0.status = .failed }.refusals == [.badRequest], "it has no results then")
        #expect(tell(&scene, 1) { $0.message = "" }.refusals == [.badRequest])
        scene.apply(.drainStarted)
        #expect(tell(&scene, 1).refusals == [.unavailable])
    }
}
