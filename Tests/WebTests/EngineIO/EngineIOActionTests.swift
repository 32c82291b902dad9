import Testing

@testable import Web

@Suite("Engine.IO endings")
struct EngineIOActionTests {
    @Test("every ending has a code that may stand in a close frame")
    func closeCodes() {
        #expect(EngineIOEnding.allCases.map(\.closeCode) == [1000, 1000, 1000, 3012, 1002, 1002, 3008])
        for ending in EngineIOEnding.allCases { #expect(WebSocketCloseCode.mayBeSent(ending.closeCode)) }
    }
}
