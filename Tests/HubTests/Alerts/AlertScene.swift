import Grid

@testable import Hub

extension Scene {
    /// One node whose agent samples, and somebody in the rooms that tell of it.
    static func watched(_ change: (inout HubConfiguration) -> Void = { _ in }) -> Scene {
        var configuration = HubConfiguration()
        change(&configuration)
        var scene = Scene(configuration: configuration)
        scene.admit(.test(1), session: 1, token: 1)
        scene.open(50, user: "boss", .admin)
        for room in [BaseRoom.alerts, .topology, .predictions, .logs] { scene.join(50, .base(room)) }
        return scene
    }

    /// So many samples, one a second, each as `change` makes it. What they led to.
    @discardableResult
    mutating func samples(_ numbers: ClosedRange<UInt64>, _ change: (inout NodeSample) -> Void = { _ in }) -> [Effect] {
        var all: [Effect] = []
        for number in numbers {
            all += run(milliseconds: 1000)
            all += send(1, number, change)
        }
        return all
    }

    @discardableResult
    mutating func raise(
        _ id: UInt64, kind: String? = nil, node: NodeID? = nil, key: String? = nil, sender: String = "ana",
        message: String = "look"
    ) -> [Effect] {
        apply(
            .alertRequested(
                .test(1),
                AlertRequest(
                    id: .test(id), sender: UserID(sender), key: key,
                    content: AlertContent(kind: kind, node: node, message: message))))
    }

    @discardableResult
    mutating func step(_ id: AlertID, _ wish: AlertWish, by user: String = "boss") -> [Effect] {
        apply(.alertStepRequested(.test(2), id, wish, by: UserID(user)))
    }
}

extension AlertID {
    static func test(_ number: UInt64) -> AlertID { AlertID(UUID128(high: 5, low: number)) }
}

extension RequestID {
    static func test(_ number: UInt32) -> RequestID { RequestID(session: SessionID(bits: 99), number: number) }
}

extension [Effect] {
    var events: [RoomEvent] { publications.map(\.event.event) }
    var raised: [Alert] { events.compactMap { if case .alertRaised(let alert) = $0 { alert } else { nil } } }
    var updated: [Alert] { events.compactMap { if case .alertUpdated(let alert) = $0 { alert } else { nil } } }
    var storedAlerts: [Alert] {
        persisted.compactMap { if case .alert(let alert) = $0 { alert } else { nil } }
    }
    /// Of answers about one alert, and whether it is new.
    var alertAnswers: [(alert: Alert?, isNew: Bool)] {
        compactMap {
            switch $0 {
            case .answer(_, .alert(let alert)): (alert, false)
            case .answer(_, .alertRaised(let alert)): (alert, true)
            default: nil
            }
        }
    }
}
