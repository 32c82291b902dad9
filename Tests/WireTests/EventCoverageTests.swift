import Grid
import Testing

@testable import Wire

/// What a dialect tells has a golden message, and so one in `/asyncapi.json`, which has a message for each of those.
@Suite("Events and golden messages")
struct EventCoverageTests {
    /// The cases of `RoomEvent`: whoever adds one is made to say it here.
    private enum Kind: CaseIterable {
        case nodeRegistered, nodeStatus, nodeMetrics, nodeListed, nodeCondition
        case systemNotification
        case taskUpdated, taskAssigned, taskProgressed
        case balanceUpdated, paymentConfirmed
        case alertRaised, alertUpdated, predictionMade, topologyChanged
        case analyticsUpdated, lineLogged, actionExecuted, connectionChanged, channelMessage

        init(_ event: RoomEvent) {
            self =
                switch event {
                case .nodeRegistered: .nodeRegistered
                case .nodeStatus: .nodeStatus
                case .nodeMetrics: .nodeMetrics
                case .nodeListed: .nodeListed
                case .nodeCondition: .nodeCondition
                case .systemNotification: .systemNotification
                case .taskUpdated: .taskUpdated
                case .taskAssigned: .taskAssigned
                case .taskProgressed: .taskProgressed
                case .balanceUpdated: .balanceUpdated
                case .paymentConfirmed: .paymentConfirmed
                case .alertRaised: .alertRaised
                case .alertUpdated: .alertUpdated
                case .predictionMade: .predictionMade
                case .topologyChanged: .topologyChanged
                case .analyticsUpdated: .analyticsUpdated
                case .lineLogged: .lineLogged
                case .actionExecuted: .actionExecuted
                case .connectionChanged: .connectionChanged
                case .channelMessage: .channelMessage
                }
        }
    }

    private static func goldens(of dialect: Dialect) -> [RoomEvent] {
        switch dialect {
        case .native: NativeGoldens.events.map(\.event.event)
        case .qubix: QubixGoldens.events.map(\.event.event)
        case .neurograph: NeuroGraphGoldens.events.map(\.event.event)
        case .triggerx: TriggerXGoldens.events.map(\.event.event)
        case .eyenet: EyeNetGoldens.events.map(\.event.event)
        }
    }

    private static let events = Dialect.allCases.flatMap(goldens)

    @Test("Every event there is stands among the golden messages of some dialect")
    func everyCase() {
        #expect(Set(Self.events.map(Kind.init)) == Set(Kind.allCases))
    }

    @Test("A dialect has a golden message of each event that it carries", arguments: Dialect.allCases)
    func carried(_ dialect: Dialect) {
        let carried = Set(Self.events.filter(dialect.carries).map(Kind.init))
        #expect(carried == Set(Self.goldens(of: dialect).map(Kind.init)))
        #expect(!carried.isEmpty)
    }
}
