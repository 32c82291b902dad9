internal import Grid
// SEAM: replaced by the ledger and trust branch.
extension Hub {
    mutating func onDepositRequested(
        _ request: RequestID, _ wish: DepositRequest, _ now: Now, _ effects: inout [Effect]
    ) { preconditionFailure("SEAM") }
    mutating func onNodeQuarantineRequested(
        _ request: RequestID, _ node: NodeID, isQuarantined: Bool, detail: String, by user: UserID, _ now: Now,
        _ effects: inout [Effect]
    ) { preconditionFailure("SEAM") }
}
