internal import Grid
// SEAM: the ledger and trust branch has the true ones; here nobody owns anything and every result counts.
struct FundsShare: Hashable, Sendable {
    var owner: UserID
    var micros: Int64
}
enum ResultVerdict { case counts, awaitsCopy, disagrees }
struct Ledger: Sendable {
    func micros(_ account: LedgerAccount, _ currency: Currency) -> Int64 { 0 }
    static func holdMicros(for specification: TaskSpecification, configuration: HubConfiguration) -> Int64? {
        guard configuration.microsPerCredit[specification.currency] != nil else { return nil }
        return specification.isExternal ? 0 : specification.resources.priceCapMicros
    }
    static func costMicros(of lease: TaskLease, in currency: Currency, configuration: HubConfiguration) -> Int64 { 0 }
}
extension Hub {
    var ledger: Ledger { Ledger() }
    func mayGetTasks(_ node: NodeID) -> Bool { true }
    mutating func holdFunds(_ task: inout TaskRecord, micros: Int64, _ now: Now, _ effects: inout [Effect]) -> Bool {
        micros == 0
    }
    mutating func settleFunds(
        _ task: inout TaskRecord, shares: [FundsShare], _ now: Now, _ effects: inout [Effect]
    ) { task.costMicros = 0 }
    mutating func releaseFunds(_ task: inout TaskRecord, _ now: Now, _ effects: inout [Effect]) {}
    mutating func judge(
        _ task: TaskRecord, outcomes: [RunOutcome], _ now: Now, _ effects: inout [Effect]
    ) -> ResultVerdict { .counts }
}
