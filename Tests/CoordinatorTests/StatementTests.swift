import Grid
import Service
import Testing

@testable import neurogrid_coordinator

@Suite struct StatementTests {
    private static let user = UserID("u")
    private static let task = TaskID(UUID128(high: 1, low: 2))

    private func transfer(
        _ number: UInt64, _ kind: LedgerTransfer.Kind, _ debit: LedgerAccount, _ credit: LedgerAccount, _ micros: Int64,
        _ currency: Currency = .usd, key: String? = nil
    ) -> LedgerTransfer {
        LedgerTransfer(
            number: number, id: UUID128(high: 0, low: number), at: Timestamp(milliseconds: Int64(number) * 1000),
            kind: kind, debit: debit, credit: credit, currency: currency, amountMicros: micros,
            task: kind == .deposit ? nil : Self.task, key: key)
    }

    private var history: [LedgerTransfer] {
        [
            transfer(1, .deposit, .world, .available(Self.user), 100_000_000, key: "first, \"quoted\""),
            transfer(4, .hold, .available(Self.user), .held(Self.user), 10_000_000),
            transfer(5, .payment, .held(Self.user), .available(UserID("owner")), 277),
            transfer(6, .fee, .held(Self.user), .platform, 1),
            transfer(7, .release, .held(Self.user), .available(Self.user), 9_999_722),
            transfer(8, .deposit, .world, .available(Self.user), 5_000_000, .neuro, key: "=1+1"),
        ]
    }

    @Test func rowsAddUp() throws {
        var statement = Statement(user: Self.user)
        let rows = history.compactMap { statement.row(of: $0) }
        #expect(rows.allSatisfy { $0.hasSuffix("\r\n") })
        let columns = Statement.titles.split(separator: ",").count
        for row in rows.dropFirst().dropLast() {
            #expect(row.split(separator: ",", omittingEmptySubsequences: false).count == columns)
        }
        #expect(
            rows[0]
                == "1,1970-01-01T00:00:01.000Z,00000000-0000-0000-0000-000000000001,deposit,world,available:u,100.00,"
                + "USD,100.00,0.00,100.00,0.00,,\"first, \"\"quoted\"\"\"\r\n")
        #expect(rows[1].contains(",hold,available:u,locked:u,10.00,USD,-10.00,10.00,90.00,10.00,\(Self.task),"))
        #expect(rows[2].contains(",payment,locked:u,available:owner,0.000277,USD,0.00,-0.000277,90.00,9.999723,"))
        #expect(rows[4].contains(",99.999722,0.00,"))
        // Each currency for itself, and nothing that a spreadsheet would compute.
        #expect(rows[5].hasSuffix(",NEURO,5.00,0.00,5.00,0.00,,\"'=1+1\"\r\n"))
    }

    @Test func aPeriodBeginsWithTheBalanceOfItsBeginning() throws {
        var statement = Statement(user: Self.user)
        statement.from = Timestamp(milliseconds: 5000)
        statement.to = Timestamp(milliseconds: 7000)
        let rows = history.compactMap { statement.row(of: $0) }
        #expect(rows.map { $0.prefix(2) } == ["5,", "6,"])
        #expect(rows[0].contains(",90.00,9.999723,"))
    }

    private func arguments(_ command: Command, _ words: [String]) throws -> Arguments {
        let program = Program(name: "p", summary: "", version: "", commands: [command])
        guard case .run(let arguments) = try program.parse([command.name] + words) else { throw ArgumentsFault() }
        return arguments
    }

    private struct ArgumentsFault: Error {}

    private let deposit = ["--data-dir", "d", "--user", "u", "--currency", "USD", "--amount"]

    @Test func depositsAreExact() throws {
        let order = try DepositCommand.deposit(
            try arguments(DepositCommand.command, deposit + ["100.000001", "--key", "k"]))
        #expect(order.amountMicros == 100_000_001 && order.currency == .usd && order.user == "u" && order.key == "k")
    }

    @Test(arguments: ["0", "-1", "1e3", "1,00", "0.0000001", "1000000000.000001", "", "NaN"])
    func whatIsNoDepositIsRefusedInOneLine(amount: String) throws {
        let arguments = try arguments(DepositCommand.command, deposit + [amount])
        let error = #expect(throws: ArgumentsError.self) { try DepositCommand.deposit(arguments) }
        #expect("\(try #require(error))".hasPrefix("--amount: "))
    }

    @Test func currenciesHaveCodes() throws {
        let words = ["--data-dir", "d", "--user", "u", "--currency", "usd", "--amount", "1"]
        let arguments = try arguments(DepositCommand.command, words)
        #expect(throws: ArgumentsError.self) { try DepositCommand.deposit(arguments) }
    }

    @Test func aStatementsPeriodIsOfTimesOrDays() throws {
        func statement(_ words: String...) throws -> Statement {
            try StatementCommand.statement(
                try arguments(StatementCommand.command, ["--data-dir", "d", "--user", "u"] + words))
        }
        #expect(try statement("--from", "2024-01-15").from == Timestamp(milliseconds: 1_705_276_800_000))
        #expect(try statement("--to", "2024-01-15T10:30:00Z").to == Timestamp(milliseconds: 1_705_314_600_000))
        #expect(try statement("--currency", "NEURO").currency == .neuro)
        #expect(throws: ArgumentsError.self) { try statement("--from", "yesterday") }
        #expect(throws: ArgumentsError.self) { try statement("--currency", "$") }
    }
}
