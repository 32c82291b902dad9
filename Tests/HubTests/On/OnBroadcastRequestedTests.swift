import Grid
import Testing

@testable import Hub

@Suite("Messages of channels")
struct OnBroadcastRequestedTests {
    private static let request = RequestID(session: SessionID(bits: 99), number: 1)

    private static func message(_ channel: EventChannel?) -> ChannelMessage {
        ChannelMessage(channel: channel, content: .broadcast(type: "n", data: "{}"))
    }

    @Test("Told to those who look at the channel, answered, and not stored")
    func told() {
        var scene = Scene()
        scene.open(1)
        scene.open(2)
        scene.join(1, .topics(.messages(of: .signals), of: .channels))
        scene.join(2, .topics(.messages(of: .metrics), of: .channels))
        let effects = scene.apply(.broadcastRequested(Self.request, Self.message(.signals)))
        #expect(effects.count == 2)
        let view = scene.hub.rooms.view(SessionID(bits: 1), .channels)
        #expect(effects.publications.first?.views == view.map { [$0] })
        guard case .answer(Self.request, .broadcast(.signals))? = effects.last else {
            Issue.record("\(effects)")
            return
        }
    }

    @Test("What is said to everybody is a topic of its own")
    func everybody() {
        var scene = Scene()
        scene.open(1)
        scene.open(2, [])
        scene.join(1, .topics(.messages(of: .signals), of: .channels))
        scene.join(2, .topics(.announcements, of: .channels))
        let effects = scene.apply(.broadcastRequested(Self.request, Self.message(nil)))
        let view = scene.hub.rooms.view(SessionID(bits: 2), .channels)
        #expect(effects.publications.first?.views == view.map { [$0] })
    }

    @Test("Measurements tell what happened since the one before, whether anybody looked or not")
    func measured() {
        var scene = Scene()
        scene.open(1)
        scene.join(1, .topics(.messages(of: .metrics), of: .channels))
        let reading = ProcessReading(cpuHundredths: 150, residentBytes: 1 << 30)
        func metrics(_ effects: [Effect]) -> SystemMetrics? {
            guard case .channelMessage(let message)? = effects.publications.first?.event.event,
                case .system(let metrics) = message.content
            else { return nil }
            return metrics
        }
        let first = metrics(scene.apply(.processMeasured(reading)))
        #expect(first == SystemMetrics(process: reading, eventsPerSecondHundredths: nil, totalTokens: 0))
        for _ in 0..<7 { scene.apply(.broadcastRequested(Self.request, Self.message(.logs))) }
        scene.wait(milliseconds: 2000)
        // Seven messages and the measurement before.
        #expect(metrics(scene.apply(.processMeasured(reading)))?.eventsPerSecondHundredths == 400)
        scene.admit(.test(5), session: 10, token: 5)
        let before = scene.hub.rooms.eventCount
        scene.send(10, 1)
        #expect(scene.hub.rooms.eventCount > before, "a reading that nobody sees is an event")
    }
}
