import Grid
import Testing

@testable import Hub

@Suite("Agent sessions")
struct AgentSessionsTests {
    let one = SessionID(bits: 1)

    @Test("A session speaks for its node until it is fenced or gone")
    func life() {
        var sessions = AgentSessions()
        #expect(sessions.node(of: one) == nil)
        sessions.bind(one, to: 4)
        #expect(sessions.node(of: one) == 4 && sessions.count == 1)
        sessions.fence(one)
        #expect(sessions.node(of: one) == nil && sessions.isFenced(one) && sessions.count == 0)
        #expect(sessions.spokeThoughFenced(one) == 4)
        #expect(sessions.spokeThoughFenced(one) == nil)
        #expect(sessions.remove(one) == nil)
        #expect(!sessions.isFenced(one))
        sessions.bind(one, to: 5)
        #expect(sessions.remove(one) == 5)
        #expect(sessions.count == 0)
    }

    @Test("Fencing what speaks for nothing changes nothing")
    func strangers() {
        var sessions = AgentSessions()
        sessions.fence(one)
        #expect(!sessions.isFenced(one))
        #expect(sessions.spokeThoughFenced(one) == nil)
    }
}
