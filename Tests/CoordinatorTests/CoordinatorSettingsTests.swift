import Foundation
import Grid
import Hub
import Reactor
import Service
import Testing

@testable import neurogrid_coordinator

@Suite struct CoordinatorSettingsTests {
    /// What the coordinator makes of a file: a configuration, or the error it prints.
    private func load(_ text: String) throws -> Result<CoordinatorConfiguration, SettingsError> {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("settings-\(UUID().uuidString).json5")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return Result { () throws(SettingsError) in
            try CoordinatorSettings.configuration(
                try Settings(schema: CoordinatorSettings.schema, file: file.path))
        }
    }

    @Test func defaultsAreTheDocumentedOnes() throws {
        let configuration = try load("{}").get()
        #expect(configuration.listen.description == "127.0.0.1:3001")
        #expect(configuration.leaseMilliseconds == 10_000)
        #expect(configuration.sampleIntervalMilliseconds == 1000)
        #expect(configuration.limits.connectionsPerIP == 10)
        #expect(configuration.limits.connectionsPerIPPerMinute == 10)
        #expect(configuration.limits.messagesPerConnectionPerMinute == 100)
        #expect(configuration.limits.roomsPerConnection == 10)
        #expect(configuration.limits.messageBytes == 1 << 20)
        #expect(!configuration.isDevelopment)
        #expect(configuration.history == HistoryBounds())
    }

    @Test func whatIsSaidAboutTasksReachesTheHub() throws {
        #expect(try load("{}").get().decisions == HubConfiguration())
        let text = """
            {tasks: {lease: '45s'}, limits: {broadcast: {nodes: '2s', progress: '0s', analytics: '7s'}},
            alerts: {memory: 80, disk: 0, raise_after: '0s', node_offline: false, kept: 7},
            ledger: {platform_fee_percent: 2.75, currencies: {EUR: 0.9}},
            trust: {replication_percent: 5, compared_runners: ['render', 'selftest'], challenge_interval: '1h'},
            routing: {starvation: '2h', usage_half_life: '1d', retry_base: '2s', retry_cap: '1m'}}
            """
        let hub = try load(text).get().hubConfiguration
        let second: UInt64 = 1_000_000_000
        #expect(hub.taskLeaseNanoseconds == 45 * second && hub.progressEveryNanoseconds == 0)
        #expect(hub.nodesEveryNanoseconds == 2 * second && hub.analyticsEveryNanoseconds == 7 * second)
        #expect(hub.alerts.memoryPercent == 80 && hub.alerts.diskPercent == 0 && hub.alerts.healthScore == 60)
        #expect(hub.alerts.raiseAfterSeconds == 0 && hub.alerts.resolveAfterSeconds == 30)
        #expect(!hub.alerts.isOfflineRaised && hub.alerts.maximumKept == 7)
        #expect(hub.platformFeeBasisPoints == 275 && hub.replicationBasisPoints == 500)
        #expect(hub.comparedRunners == ["render", "selftest"])
        #expect(hub.microsPerCredit == [.usd: 1_000_000, Currency("EUR")!: 900_000])
        #expect(hub.challengeEveryNanoseconds == 3600 * second)
        #expect(hub.routing.starvationNanoseconds == 7200 * second)
        #expect(hub.routing.usageHalfLifeNanoseconds == 86_400 * second)
        #expect(hub.routing.retryBaseNanoseconds == 2 * second && hub.routing.retryCapNanoseconds == 60 * second)
        // Patience with nodes is patience with their tasks.
        #expect(try load("{health: {lease: '60s'}}").get().hubConfiguration.taskLeaseNanoseconds == 60 * second)
    }

    @Test func zeroIsNoLimit() throws {
        let configuration = try load("{limits: {connections_per_ip: 0, rooms_per_connection: 0}}").get()
        #expect(configuration.limits.connectionsPerIP == 0)
        #expect(configuration.limits.roomsPerConnection == 0)
    }

    @Test(arguments: [
        ("{listen: 'nowhere'}", "listen", "nowhere"), ("{listen: '127.0.0.1:70000'}", "listen", "127.0.0.1:70000"),
        ("{listen: '0.0.0.0:3001', dev: true}", "listen", "0.0.0.0:3001"),
        ("{store: 'postgresql://db'}", "store", "postgresql://db"),
        ("{backplane: 'redis://r'}", "backplane", "redis://r"),
        ("{tls: {certificate: '/c.pem'}}", "tls.certificate", "/c.pem"),
        ("{tls: {private_key: '/k.pem'}}", "tls.private_key", "/k.pem"),
        ("{tls: {client_ca: '/a.pem'}}", "tls.client_ca", "/a.pem"),
        ("{tls: {self_signed: true}}", "tls.self_signed", "true"),
        ("{dev: true, tls: {self_signed: true, certificate: '/c.pem'}}", "tls.certificate", "/c.pem"),
        ("{auth: {jwt: {jwks_file: '/j.json'}}}", "auth.jwt.jwks_file", "/j.json"),
        ("{auth: {jwt: {algorithms: ['none']}}}", "auth.jwt.algorithms", "none"),
        ("{loops: 65}", "loops", "65"), ("{loops: 'many'}", "loops", "many"), ("{dev: 1}", "dev", "1"),
        ("{limits: {connections_per_ip: -1}}", "limits.connections_per_ip", "-1"),
        ("{limits: {message_bytes: 0}}", "limits.message_bytes", "0"), ("{drain: '1h'}", "drain", "1h"),
        ("{health: {lease: '1s'}}", "health.lease", "1s"),
        ("{health: {lease: '3s', sample_interval: '8s'}}", "health.lease", "3s"),
        ("{health: {sample_interval: '1ms'}}", "health.sample_interval", "1ms"),
        ("{health: {lease: '60s'}, tasks: {lease: '59s'}}", "tasks.lease", "59s"),
        ("{limits: {broadcast: {progress: '1ms'}}}", "limits.broadcast.progress", "1ms"),
        ("{alerts: {disk: 101}}", "alerts.disk", "101"),
        ("{ledger: {platform_fee_percent: 101}}", "ledger.platform_fee_percent", "101"),
        ("{ledger: {currencies: {usd: 1}}}", "ledger.currencies.usd", "1"),
        ("{ledger: {currencies: {USD: 2}}}", "ledger.currencies.USD", "2"),
        ("{ledger: {currencies: {EUR: 0}}}", "ledger.currencies.EUR", "0"),
        ("{trust: {replication_percent: -1}}", "trust.replication_percent", "-1"),
        ("{trust: {replication_percent: 101}}", "trust.replication_percent", "101"),
        ("{trust: {compared_runners: 'work'}}", "trust.compared_runners", "work"),
        ("{trust: {compared_runners: ['work', '']}}", "trust.compared_runners", "work"),
        ("{trust: {challenge_interval: '59s'}}", "trust.challenge_interval", "59s"),
        ("{routing: {starvation: '0s'}}", "routing.starvation", "0s"),
        ("{routing: {usage_half_life: '59s'}}", "routing.usage_half_life", "59s"),
        ("{routing: {retry_base: '2h'}}", "routing.retry_base", "2h"),
        ("{routing: {retry_cap: '2d'}}", "routing.retry_cap", "2d"),
        ("{routing: {retry_base: '10s', retry_cap: '5s'}}", "routing.retry_cap", "5s"),
        ("{history: {events: 0}}", "history.events", "0"), ("{history: {bytes: 1}}", "history.bytes", "1"),
        ("{history: {age: '0s'}}", "history.age", "0s"),
        ("{log: {level: 'loud'}}", "log.level", "loud"), ("{log: {format: 'xml'}}", "log.format", "xml"),
    ])
    func faultsNameKeyValueAndLine(text: String, key: String, value: String) throws {
        // On the third line, so that the line is worth something.
        let result = try load("// A configuration.\n\n\(text)")
        guard case .failure(let error) = result else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(error.key == key)
        #expect(error.value?.contains(value) == true, "\(error)")
        #expect(error.place.hasSuffix(".json5:3"), "\(error)")
    }

    @Test func anUnknownKeyIsNamedWithItsLine() throws {
        guard case .failure(let error) = try load("{\n  limits: {\n    conections_per_ip: 3,\n  },\n}") else {
            Issue.record("an unknown key was taken")
            return
        }
        #expect("\(error)".contains("limits.conections_per_ip"))
        #expect("\(error)".contains(":3"))
    }

    @Test func tlsIsOfFilesOrSelfSigned() throws {
        #expect(try load("{}").get().tls == nil)
        let files = TLSFiles(certificate: "/c.pem", privateKey: "/k.pem", clientAuthorities: "/a.pem")
        let named = try load("{tls: {certificate: '/c.pem', private_key: '/k.pem', client_ca: '/a.pem'}}").get()
        #expect(named.tls == .files(files))
        let own = try load("{dev: true, tls: {self_signed: true}}").get()
        #expect(own.tls == .selfSigned(clientAuthorities: nil))
    }

    @Test func originsAreThoseNamedAndTheOwnHost() throws {
        let named = try load("{auth: {allowed_origins: ['https://market.example']}}").get()
        #expect(named.allowsOrigin("https://market.example", host: "grid:3001"))
        #expect(named.allowsOrigin("http://GRID:3001", host: "grid:3001"))
        #expect(!named.allowsOrigin("http://grid:3002", host: "grid:3001"))
        #expect(!named.allowsOrigin("https://market.example.evil.example", host: "grid:3001"))
        #expect(!named.allowsOrigin("null", host: "grid:3001"))
        #expect(!named.allowsOrigin("http://grid:3001", host: nil))
        #expect(try load("{auth: {allowed_origins: ['*']}}").get().allowsOrigin("null", host: nil))
    }

    @Test func theMarketAndTheStatisticsAreOpenOnLoopbackAloneUnlessTheOperatorSaysSo() throws {
        func opens(_ text: String, isForwarded: Bool = false) throws -> [Bool] {
            let configuration = try load(text).get()
            return [
                configuration.opensMarketplace(isForwarded: isForwarded),
                configuration.opensStatistics(isForwarded: isForwarded),
            ]
        }
        for address in ["127.0.0.1:3001", "127.1.2.3:0"] {
            #expect(try opens("{listen: '\(address)'}") == [true, true])
            #expect(try opens("{listen: '\(address)'}", isForwarded: true) == [false, false])
        }
        #expect(try opens("{listen: '0.0.0.0:3001'}") == [false, false])
        #expect(try opens("{auth: {anonymous_marketplace: false, public_stats: false}}") == [false, false])
        let open = "{listen: '0.0.0.0:3001', auth: {anonymous_marketplace: true, public_stats: true}}"
        #expect(try opens(open) == [true, true] && opens(open, isForwarded: true) == [true, true])
    }

    @Test("docs/configuration.md is what the schema says; its text is the test's message")
    func theDocumentIsCurrent() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(
            contentsOf: root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
        let expected = CoordinatorSettings.schema.documentation
        #expect(document.contains(expected), "put this into docs/configuration.md:\n\(expected)")
    }
}
