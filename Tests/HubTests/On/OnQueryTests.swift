import Grid
import Testing

@testable import Hub

@Suite("Queries")
struct OnQueryTests {
    let request = RequestID(session: SessionID(bits: 99), number: 3)

    func scene() -> Scene {
        var scene = Scene()
        for number in UInt8(1)...5 {
            scene.admit(.test(UInt64(number)), session: UInt64(number), token: number)
        }
        scene.enrol(.test(6), token: 6)
        return scene
    }

    @Test("Following the cursor yields every node once, in order")
    func cursor() {
        var scene = scene()
        var seen: [NodeID] = []
        var after: NodeID?
        repeat {
            guard
                case .answer(request, .nodes(let page, let next))? = scene.apply(
                    .query(request, .nodes(limit: 2, after: after))
                ).first
            else {
                Issue.record("a page was expected")
                return
            }
            seen += page.map(\.id)
            after = next
        } while after != nil
        #expect(seen == (1...5).map { .test($0) })
    }

    @Test("A limit out of range is brought into it")
    func limits() {
        var scene = scene()
        for (limit, count) in [(0, 1), (-5, 1), (Int.max, 5)] {
            guard
                case .answer(_, .nodes(let page, _))? = scene.apply(
                    .query(request, .nodes(limit: limit, after: nil))
                ).first
            else {
                Issue.record("a page was expected")
                return
            }
            #expect(page.count == count)
        }
    }

    @Test("Counts add up")
    func counts() {
        var scene = scene()
        scene.open(50)
        scene.join(50, .base(.nodes))
        scene.send(1, 3)
        scene.apply(.agentGone(SessionID(bits: 2), goodbye: true))
        let counts = scene.hub.counts
        #expect(counts.enrolledNodes == 6 && counts.registeredNodes == 5)
        #expect(counts.onlineNodes == 4 && counts.offlineNodes == 1)
        #expect(counts.agentSessions == 4 && counts.subscribers == 1 && counts.views == 1)
        #expect(counts.gaps.receivedSamples == 1 && counts.gaps.missingSamples == 2)
    }
}
