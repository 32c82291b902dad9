import Bytes
import Testing

@testable import Web

@Suite("Engine.IO refusals")
struct EngineIORefusalTests {
    @Test("clients know the numbers and the words")
    func bodies() {
        #expect(
            EngineIORefusal.allCases.map(\.body.text) == [
                #"{"code":0,"message":"Transport unknown"}"#, #"{"code":1,"message":"Session ID unknown"}"#,
                #"{"code":2,"message":"Bad handshake method"}"#, #"{"code":3,"message":"Bad request"}"#,
                #"{"code":4,"message":"Forbidden"}"#, #"{"code":5,"message":"Unsupported protocol version"}"#, "",
            ])
    }

    @Test("the status is 400 but for who may not and for what is too large")
    func statuses() { #expect(EngineIORefusal.allCases.map(\.status) == [400, 400, 400, 400, 403, 400, 413]) }
}
