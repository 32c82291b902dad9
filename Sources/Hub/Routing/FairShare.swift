internal import Grid

/// What users have had of the grid lately: the dominant share of it times seconds, with a half-life.
///
/// Instead of shrinking everybody's past, what is charged grows with time until a half-life is over; then all is
/// halved. So nobody's order changes while nobody is charged.
struct FairShare: Sendable {
    private struct Account: Sendable {
        /// Millionths of the grid times seconds, as heavy as at the beginning of the present half-life.
        var usage: Int64 = 0
        var weight: Int64 = 1
    }

    private var accounts: [Account] = []
    private var places: [UserID: Int] = [:]
    private var begins: UInt64?
    private let halfLife: UInt64

    init(halfLifeNanoseconds: UInt64) { halfLife = max(halfLifeNanoseconds, 1) }

    var count: Int { accounts.count }

    /// The user's number; given at the first question.
    mutating func number(of user: UserID) -> Int {
        if let place = places[user] { return place }
        places[user] = accounts.count
        accounts.append(Account())
        return accounts.count - 1
    }

    /// A user of weight 2 may have twice as much as one of weight 1 before they are equal; 1 to 1000.
    mutating func setWeight(_ weight: Int, of user: Int) { accounts[user].weight = Int64(min(max(weight, 1), 1000)) }

    /// Lets the past fade.
    mutating func advance(to now: UInt64) {
        guard var begin = begins else {
            begins = now
            return
        }
        // After 63 half-lives nothing is left to be halved.
        var halvings = now.distanceBehind(begin) / halfLife
        guard halvings > 0 else { return }
        begin += halvings * halfLife
        begins = begin
        halvings = min(halvings, 63)
        for user in accounts.indices { accounts[user].usage >>= Int64(halvings) }
    }

    /// Charges so many millionths of the grid for so many seconds; negative amounts are given back.
    mutating func charge(_ user: Int, share: Int64, seconds: Int64, now: UInt64) {
        advance(to: now)
        let into = now.distanceBehind(begins ?? now)
        // `into` is less than the half-life; in 2⁻¹⁶ of it without overflow, whatever the half-life.
        let exponent = Int64((into >> 16) / max(halfLife >> 32, 1))
        let amount = (share * seconds * (FixedPoint.exp2(min(exponent, 1 << 16)) >> 4)) >> 12
        accounts[user].usage = min(max(accounts[user].usage + amount, 0), Int64.max / 2)
    }

    /// Whether one user is to be served before another by what they had; `nil` if they had the same.
    func precedes(_ left: Int, _ right: Int) -> Bool? {
        guard left != right else { return nil }
        let leftProduct = accounts[left].usage.multipliedFullWidth(by: accounts[right].weight)
        let rightProduct = accounts[right].usage.multipliedFullWidth(by: accounts[left].weight)
        if leftProduct.high != rightProduct.high { return leftProduct.high < rightProduct.high }
        return leftProduct.low == rightProduct.low ? nil : leftProduct.low < rightProduct.low
    }
}
