import Testing

@testable import Web

@Suite("Engine.IO settings")
struct EngineIOSettingsTests {
    @Test("the defaults are the ones that clients are used to")
    func defaults() {
        let settings = EngineIOSettings()
        #expect(settings.pingInterval == 25_000 && settings.pingTimeout == 20_000)
        #expect(settings.payloadBytes == 1_000_000 && settings.answerPackets == 16)
        #expect(MemoryLayout<EngineIOSettings>.size <= 28)
    }

    @Test("milliseconds do not overflow")
    func nanoseconds() {
        #expect(EngineIOSettings.nanoseconds(25_000) == 25_000_000_000)
        #expect(EngineIOSettings.nanoseconds(.max) == 4_294_967_295_000_000)
    }
}
