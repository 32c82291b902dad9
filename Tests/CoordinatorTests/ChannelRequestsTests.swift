import Grid
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("A client's requests for channels")
struct ChannelRequestsTests {
    private static func request(
        _ kind: ChannelRequests.Kind, _ channels: [EventChannel], _ rooms: [Room]
    ) -> ChannelRequests.Request {
        ChannelRequests.Request(kind: kind, channels: channels, changed: channels, awaited: rooms)
    }

    @Test("A request is done when all its rooms are answered, and never before the one in front of it")
    func order() {
        var requests = ChannelRequests()
        requests.append(Self.request(.subscribe, [.signals], [.base(.alerts), .base(.predictions)]))
        requests.append(Self.request(.list, [], []))
        requests.append(Self.request(.unsubscribe, [.signals], [.base(.alerts)]))
        #expect(requests.takeDone() == nil)
        requests.answered(.base(.alerts))
        #expect(requests.takeDone() == nil)
        // The same room again: the later request's.
        requests.answered(.base(.alerts))
        #expect(requests.takeDone() == nil && requests.count == 3)
        requests.answered(.base(.predictions))
        #expect(requests.takeDone()?.kind == .subscribe)
        #expect(requests.takeDone()?.kind == .list)
        #expect(requests.takeDone()?.kind == .unsubscribe)
        #expect(requests.takeDone() == nil && requests.count == 0)
    }

    @Test("An answer that nobody waits for changes nothing")
    func strayAnswer() {
        var requests = ChannelRequests()
        requests.append(Self.request(.subscribe, [.metrics], [.base(.channels)]))
        requests.answered(.base(.alerts))
        #expect(requests.takeDone() == nil)
    }
}
