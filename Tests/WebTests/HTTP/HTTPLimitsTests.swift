import Testing

@testable import Web

@Suite("HTTP limits")
struct HTTPLimitsTests {
    @Test("the start line has room for the target and never more than the head")
    func startLine() {
        #expect(HTTPLimits(headBytes: 1000, targetBytes: 100).startLineBytes == 100 + 32 + 12)
        #expect(HTTPLimits(headBytes: 50, targetBytes: 100).startLineBytes == 50)
    }

    @Test("a bound that allows nothing traps")
    func positive() async {
        await #expect(processExitsWith: .failure) { _ = HTTPLimits(headBytes: 0) }
    }

    @Test("a message exactly at every bound passes, and one beyond any of them fails")
    func exact() {
        let text = "POST /12345678 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
        let head = text.utf8.count - 4
        func limits(head: Int, count: Int = 2, target: Int = 9, body: Int = 4) -> HTTPLimits {
            HTTPLimits(headBytes: head, headerCount: count, targetBytes: target, bodyBytes: body)
        }
        func error(_ limits: HTTPLimits) -> HTTPError? {
            let seen = SeenHTTP.requests(.whole([UInt8](text)), limits: limits)
            #expect(SeenHTTP.requests(.chopped([UInt8](text)), limits: limits) == seen)
            return seen.error
        }
        #expect(error(limits(head: head)) == nil)
        #expect(error(limits(head: head - 1)) == .headTooLarge)
        #expect(error(limits(head: head, count: 1)) == .tooManyHeaders)
        #expect(error(limits(head: head, target: 8)) == .targetTooLong)
        #expect(error(limits(head: head, body: 3)) == .bodyTooLarge)
    }
}
