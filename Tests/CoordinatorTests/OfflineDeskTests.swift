import Grid
import Hub
import Store
import Testing

@testable import neurogrid_coordinator

/// What operators ask while no coordinator runs.
@Suite struct OfflineDeskTests {
    private func deposit(_ currency: String, _ directory: String, _ settings: OfflineSettings) throws -> String {
        let order = OperatorRequest.Deposit(
            user: "anna", currency: try #require(Currency(currency)), amountMicros: 2_500_000, key: nil)
        return try OperatorCommand.run(.deposit(order), dataDirectory: directory, settings: settings)
    }

    @Test func aDepositIsOfACurrencyOfTheConfiguration() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path + "/data"
        var settings = OfflineSettings()
        #expect(throws: Refusal.self) { try deposit("EUR", path, settings) }
        settings.hub.microsPerCredit = [.usd: 1_000_000, Currency("EUR")!: 900_000]
        #expect(try deposit("EUR", path, settings).hasSuffix("available 2.50 EUR"))
        #expect(try deposit("EUR", path, settings).hasSuffix("available 5.00 EUR"), "the first one is on disk")
        #expect(throws: Refusal.self) { try deposit("NEURO", path, settings) }
    }
}
