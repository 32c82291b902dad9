internal import Access
internal import Grid
internal import Service

/// `token`: mints a JWT for a user.
enum TokenCommand {
    static let command = Command(
        "token", summary: "Mint a token for a user and print it, alone.",
        flags: [
            OperatorFlags.dataDirectory,
            Flag(
                "user", .text(maximumBytes: Limits.userIDBytes), placeholder: "U", meaning: "whose token",
                isRequired: true),
            Flag(
                "permissions", .choices(Permissions.named.map(\.name)), placeholder: "P,P",
                meaning: "what it allows: \(Permissions.named.map(\.name).joined(separator: ","))", isRequired: true),
            Flag(
                "ttl", OperatorFlags.lifetime, placeholder: "TIME", meaning: "how long it is good", defaultText: "1h"),
            Flag("region", .text(maximumBytes: Limits.regionBytes), placeholder: "R", meaning: "the user's region"),
            OperatorFlags.configuration(of: "auth.jwt"),
        ])

    static func run(_ arguments: Arguments) -> Never {
        let names = arguments.list("permissions") ?? []
        let order = OperatorRequest.TokenOrder(
            user: arguments.text("user") ?? "",
            permissions: names.reduce(into: Permissions()) { set, name in
                if let permission = Permissions.named(name) { set.insert(permission) }
            },
            timeToLiveSeconds: Int64((arguments.nanoseconds("ttl") ?? 3_600_000_000_000) / 1_000_000_000),
            region: arguments.text("region"))
        let settings = OperatorFlags.settings(arguments) { configuration, file in
            guard configuration.jwtAlgorithms.contains(.hs256) else {
                throw OperatorCommand.Failure(description: "\(file): takes no HS256 tokens (auth.jwt.algorithms)")
            }
            return OfflineSettings(
                secretFile: configuration.jwtSecretFile, issuer: configuration.jwtIssuer,
                audience: configuration.jwtAudience)
        }
        OperatorFlags.runAndExit(.token(order), arguments, settings: settings)
    }
}

/// `token revoke`: takes tokens back.
enum RevokeCommand {
    static let command = Command(
        "token revoke", summary: "Take back every token that a user has so far, or the one of that id.",
        flags: [
            OperatorFlags.dataDirectory,
            Flag(
                "user", .text(maximumBytes: Limits.userIDBytes), placeholder: "U",
                meaning: "whose tokens, all that were issued before now"),
            Flag(
                "id", .text(maximumBytes: Limits.tokenIDBytes), placeholder: "ID", meaning: "the token's jti"),
        ])

    static func run(_ arguments: Arguments) -> Never {
        switch (arguments.text("user"), arguments.text("id")) {
        case (let user?, nil): OperatorFlags.runAndExit(.revoke(.user(UserID(user))), arguments)
        case (nil, let id?): OperatorFlags.runAndExit(.revoke(.token(id)), arguments)
        default:
            OperatorFlags.fail("token revoke takes either --user or --id", ExitCode.usage)
        }
    }
}

/// `enroll`: registers a node to come and mints its join token.
enum EnrollCommand {
    static let command = Command(
        "enroll", summary: "Register a node and print its join token, alone.",
        flags: [
            OperatorFlags.dataDirectory,
            Flag(
                "owner", .text(maximumBytes: Limits.userIDBytes), placeholder: "U", meaning: "the user who owns it",
                isRequired: true),
            Flag(
                "name", .text(maximumBytes: Limits.nodeNameBytes), placeholder: "N", meaning: "the node's name",
                isRequired: true),
            Flag("region", .text(maximumBytes: Limits.regionBytes), placeholder: "R", meaning: "as us-east-1"),
            Flag("city", .text(maximumBytes: Limits.regionBytes), placeholder: "C", meaning: "as New York"),
            Flag("country", .text(maximumBytes: Limits.regionBytes), placeholder: "C", meaning: "as USA"),
            Flag(
                "price-per-hour", .number(0...1_000_000), placeholder: "USD",
                meaning: "what an hour of it costs, in US dollars"),
            Flag(
                "ttl", OperatorFlags.lifetime, placeholder: "TIME", meaning: "how long the token is good",
                defaultText: "15m"),
        ])

    static func run(_ arguments: Arguments) -> Never {
        let enrolment = OperatorRequest.Enrolment(
            owner: arguments.text("owner") ?? "", name: arguments.text("name") ?? "",
            location: NodeLocation(
                region: arguments.text("region") ?? "", city: arguments.text("city") ?? "",
                country: arguments.text("country") ?? ""),
            pricePerHourMicros: arguments.number("price-per-hour").map { Int64(($0 * 1_000_000).rounded()) },
            timeToLiveSeconds: Int64((arguments.nanoseconds("ttl") ?? 900_000_000_000) / 1_000_000_000))
        OperatorFlags.runAndExit(.enroll(enrolment), arguments)
    }
}

/// What the operator's commands have in common.
enum OperatorFlags {
    static let dataDirectory = Flag(
        "data-dir", .text(), placeholder: "DIR", meaning: "the coordinator's data folder", isRequired: true)

    /// How long a token may live.
    static let lifetime = ValueKind.duration(1_000_000_000...31_622_400_000_000_000)

    /// The coordinator's own configuration.
    ///
    /// - Parameter keys: those that the command takes from it.
    static func configuration(of keys: String) -> Flag {
        Flag(
            "config", .text(), placeholder: "FILE",
            meaning: "the coordinator's configuration, of which \(keys) counts while none runs")
    }

    /// What the command takes from the configuration that it was given; without one, what is built in.
    static func settings(
        _ arguments: Arguments,
        _ take: (_ configuration: CoordinatorConfiguration, _ file: String) throws -> OfflineSettings
    ) -> OfflineSettings {
        guard let file = arguments.text("config") else { return OfflineSettings() }
        do {
            let settings = try Settings(
                schema: CoordinatorSettings.schema, file: file, environment: .process, arguments: nil)
            return try take(CoordinatorSettings.configuration(settings), file)
        } catch {
            fail(error, ExitCode.usage)
        }
    }

    /// Prints the secret, or says why there is none.
    ///
    /// - Parameter terminator: what ends the line.
    static func runAndExit(
        _ order: OperatorRequest, _ arguments: Arguments, settings: OfflineSettings = OfflineSettings(),
        terminator: String = "\n"
    ) -> Never {
        do {
            let secret = try OperatorCommand.run(
                order, dataDirectory: arguments.text("data-dir") ?? "", settings: settings)
            StandardStream.output.write(secret + terminator)
            StandardStream.exit(ExitCode.success)
        } catch {
            fail(error, ExitCode.unavailable)
        }
    }

    /// Says why the command did not do what it was asked, and ends.
    static func fail(_ reason: Any, _ code: Int32) -> Never {
        StandardStream.error.write("neurogrid-coordinator: \(reason)\n")
        StandardStream.exit(code)
    }
}
