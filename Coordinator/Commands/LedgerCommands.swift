internal import Grid
internal import Service
internal import Store

/// `deposit`: adds to a user's balance.
enum DepositCommand {
    static let command = Command(
        "deposit", summary: "Add to a user's balance; prints the transfer and what is available then.",
        flags: [
            OperatorFlags.dataDirectory,
            Flag(
                "user", .text(maximumBytes: Limits.userIDBytes), placeholder: "U", meaning: "whose balance",
                isRequired: true),
            Flag("currency", .text(maximumBytes: 8), placeholder: "C", meaning: "as USD or NEURO", isRequired: true),
            Flag(
                "amount", .text(maximumBytes: 64), placeholder: "A",
                meaning: "how much, as 100.00; up to six decimals", isRequired: true),
            Flag(
                "key", .text(maximumBytes: Limits.idempotencyKeyBytes), placeholder: "KEY",
                meaning: "names the deposit, so that a repetition adds nothing"),
            OperatorFlags.configuration(of: "ledger.currencies"),
        ])

    static func run(_ arguments: Arguments) -> Never {
        let order: OperatorRequest.Deposit
        do {
            order = try deposit(arguments)
        } catch {
            OperatorFlags.fail(error, ExitCode.usage)
        }
        let settings = OperatorFlags.settings(arguments) { configuration, _ in
            OfflineSettings(hub: configuration.hubConfiguration)
        }
        OperatorFlags.runAndExit(.deposit(order), arguments, settings: settings)
    }

    /// What the command line asks for.
    ///
    /// - Throws: what is wrong with it.
    static func deposit(_ arguments: Arguments) throws(ArgumentsError) -> OperatorRequest.Deposit {
        let currency = try currency(arguments.text("currency") ?? "")
        let amount = arguments.text("amount") ?? ""
        guard let micros = DecimalAmount.micros(amount), (1...Limits.depositMicros).contains(micros) else {
            throw .badValue(
                name: "--amount", value: amount,
                reason: "is no amount from 0.000001 to \(DecimalAmount.text(Limits.depositMicros))")
        }
        return OperatorRequest.Deposit(
            user: arguments.text("user") ?? "", currency: currency, amountMicros: micros, key: arguments.text("key"))
    }

    /// The currency of a code on the command line.
    static func currency(_ code: String) throws(ArgumentsError) -> Currency {
        guard let currency = Currency(code) else {
            throw .badValue(name: "--currency", value: code, reason: "is no code such as USD")
        }
        return currency
    }
}

/// `statement`: a user's transfers as CSV.
enum StatementCommand {
    static let command = Command(
        "statement", summary: "Print a user's transfers as CSV; a coordinator may run meanwhile.",
        flags: [
            OperatorFlags.dataDirectory,
            Flag(
                "user", .text(maximumBytes: Limits.userIDBytes), placeholder: "U", meaning: "whose transfers",
                isRequired: true),
            Flag("currency", .text(maximumBytes: 8), placeholder: "C", meaning: "of that currency alone"),
            Flag(
                "from", .text(maximumBytes: 32), placeholder: "TIME",
                meaning: "not before, as 2024-01-15 or 2024-01-15T10:30:00Z"),
            Flag("to", .text(maximumBytes: 32), placeholder: "TIME", meaning: "before that time"),
        ])

    /// Rows are written together: a statement may have a million of them.
    private static let flushBytes = 64 << 10

    static func run(_ arguments: Arguments) -> Never {
        var statement: Statement
        do {
            statement = try self.statement(arguments)
        } catch {
            OperatorFlags.fail(error, ExitCode.usage)
        }
        do {
            let reader = try LedgerReader.open(path: arguments.text("data-dir") ?? "")
            defer { reader.close() }
            var text = Statement.titles
            try reader.forEachTransfer(of: statement.user, currency: statement.currency) { transfer in
                text += statement.row(of: transfer) ?? ""
                guard text.utf8.count >= flushBytes else { return }
                StandardStream.output.write(text)
                text = ""
            }
            StandardStream.output.write(text)
            StandardStream.exit(ExitCode.success)
        } catch {
            OperatorFlags.fail(error, ExitCode.unavailable)
        }
    }

    /// What the command line asks for.
    ///
    /// - Throws: what is wrong with it.
    static func statement(_ arguments: Arguments) throws(ArgumentsError) -> Statement {
        var statement = Statement(user: UserID(arguments.text("user") ?? ""))
        if let code = arguments.text("currency") { statement.currency = try DepositCommand.currency(code) }
        statement.from = try time("from", arguments)
        statement.to = try time("to", arguments)
        return statement
    }

    private static func time(
        _ flag: String, _ arguments: Arguments
    ) throws(ArgumentsError) -> Timestamp? {
        guard let text = arguments.text(flag) else { return nil }
        guard let time = Timestamp(iso8601: text) ?? Timestamp(iso8601: text + "T00:00:00Z") else {
            throw .badValue(name: "--\(flag)", value: text, reason: "is no time such as 2024-01-15T10:30:00Z")
        }
        return time
    }
}
