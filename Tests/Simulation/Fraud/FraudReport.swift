/// The bills of many seeds, as a table with the middle and the worst of each column.
struct FraudReport {
    /// What is promised, in hundredths of a percent.
    static let mostFraud: Int64 = 100
    static let mostOverhead: Int64 = 1000

    let bills: [(seed: UInt64, bill: FraudBill)]

    init(_ bills: [(UInt64, FraudBill)]) { self.bills = bills.sorted { $0.0 < $1.0 }.map { ($0.0, $0.1) } }

    /// Whether every seed keeps to what is promised.
    var isKept: Bool {
        bills.allSatisfy {
            $0.bill.fraudBasisPoints <= Self.mostFraud && $0.bill.overheadBasisPoints <= Self.mostOverhead
        }
    }

    var lines: [String] {
        var lines = [
            "| Seed | Cheaters | Tasks | Hours | Paid for fraud | Overhead | Paid for slowness | Found | Honest out |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for (seed, bill) in bills {
            let cells = [
                "\(seed)", "\(bill.cheaters) \(bill.kinds)", "\(bill.tasks)", "\(bill.virtualSeconds / 3600)",
                Self.percent(bill.fraudBasisPoints), Self.percent(bill.overheadBasisPoints),
                Self.percent(bill.slowBasisPoints), "\(bill.cheatersOut)", "\(bill.honestOut)",
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        guard !bills.isEmpty else { return lines }
        for (name, pick) in [("median", Self.median), ("worst", Self.worst)] {
            let fraud = pick(bills.map(\.bill.fraudBasisPoints))
            let overhead = pick(bills.map(\.bill.overheadBasisPoints))
            let slow = pick(bills.map(\.bill.slowBasisPoints))
            let honest = pick(bills.map { Int64($0.bill.honestOut) })
            lines.append(
                "\(name): paid for fraud \(Self.percent(fraud)), overhead \(Self.percent(overhead)), "
                    + "paid for slowness \(Self.percent(slow)), honest nodes out \(honest)")
        }
        return lines
    }

    private static func median(_ values: [Int64]) -> Int64 { values.sorted()[values.count / 2] }

    private static func worst(_ values: [Int64]) -> Int64 { values.max() ?? 0 }

    private static func percent(_ basisPoints: Int64) -> String {
        let rest = basisPoints % 100
        return "\(basisPoints / 100).\(rest < 10 ? "0" : "")\(rest) %"
    }
}
