import Grid
import Testing

@testable import Hub

@Suite("Alerts: the threshold source")
struct AlertSourceTests {
    static func hot(_ celsius: Int) -> (inout NodeSample) -> Void {
        { $0.gpus[0].temperatureCelsius = celsius }
    }

    @Test("What lasts is raised once, and resolved once it has been gone for as long as it must")
    func temperature() throws {
        var scene = Scene.watched()
        #expect(scene.samples(1...10, Self.hot(92)).raised.isEmpty)
        let effects = scene.samples(11...11, Self.hot(92))
        let alert = try #require(effects.raised.first)
        #expect(alert.content.kind == "gpu_temperature" && alert.content.node == .test(1))
        #expect(alert.content.severity == .warning && alert.status == .new && alert.raised.user == nil)
        #expect(
            alert.content.reading
                == AlertReading(valueThousandths: 92_000, thresholdThousandths: 90_000, unit: "°C"))
        #expect(alert.content.message == "GPU 0 is at 92 °C, its limit is 90 °C")
        #expect(effects.storedAlerts == [alert])
        #expect(scene.samples(12...60, Self.hot(95)).raised.isEmpty)
        #expect(scene.samples(61...90, Self.hot(70)).updated.isEmpty)
        let resolved = try #require(scene.samples(91...91, Self.hot(70)).updated.first)
        #expect(resolved.id == alert.id && resolved.status == .resolved && resolved.updated.user == nil)
        #expect(scene.samples(92...200, Self.hot(70)).events.isEmpty)
    }

    @Test("What comes and goes around the threshold neither raises nor resolves")
    func flapping() {
        var scene = Scene.watched()
        for number in 1...100 as ClosedRange<UInt64> {
            let effects = scene.samples(number...number, Self.hot(number % 10 == 0 ? 80 : 95))
            #expect(effects.raised.isEmpty, "\(number)")
        }
        #expect(scene.samples(101...120, Self.hot(95)).raised.count == 1)
        // Not far enough below, and never for long enough.
        #expect(scene.samples(121...200, Self.hot(86)).updated.isEmpty)
        for number in 201...300 as ClosedRange<UInt64> {
            #expect(scene.samples(number...number, Self.hot(number % 20 == 0 ? 88 : 60)).updated.isEmpty)
        }
        #expect(scene.samples(301...331, Self.hot(60)).updated.count == 1)
    }

    @Test("Telemetry does not wait for the alert that it raises")
    func order() throws {
        var scene = Scene.watched()
        scene.join(50, .base(.nodes))
        let effects = scene.samples(1...12, Self.hot(99))
        let stored = try #require(effects.firstIndex { if case .persist(.alert) = $0 { true } else { false } })
        let metrics = effects.indices.filter {
            if case .publish(let publication) = effects[$0], case .nodeMetrics = publication.event.event {
                true
            } else {
                false
            }
        }
        #expect(metrics.contains(stored - 1) || metrics.contains { $0 < stored })
        #expect(metrics.filter { $0 > stored }.count == 1, "that of the sample after")
    }

    /// What makes a sample bad, the alert's kind, its severity, its value and its threshold.
    static let causes: [(String, AlertSeverity, Int64, Int64, @Sendable (inout NodeSample) -> Void)] = [
        ("gpu_memory", .warning, 99_000, 98_000, { $0.gpus[0].use(990, of: 1000) }),
        ("gpu_errors", .critical, 3000, 1000, { $0.gpus[0].uncorrectedErrors = 3 }),
        ("health", .warning, 20_000, 60_000, { $0.gpus[0].uncorrectedErrors = 3 }),
        ("memory", .warning, 96_000, 95_000, { $0.host.use(960, of: 1000) }),
        ("disk", .warning, 91_000, 90_000, { $0.host.filesystemUsedPercent = 91 }),
    ]

    @Test("Each cause has its threshold", arguments: 0..<5)
    func cause(_ place: Int) throws {
        let (kind, severity, value, threshold, change) = Self.causes[place]
        var scene = Scene.watched()
        scene.samples(1...3)
        let raised = scene.samples(4...20, change).raised
        let alert = try #require(raised.first { $0.content.kind == kind })
        #expect(alert.content.severity == severity)
        #expect(alert.content.reading.valueThousandths == value)
        #expect(alert.content.reading.thresholdThousandths == threshold)
        #expect(!alert.content.message.isEmpty)
    }

    @Test("A threshold of 0 asks for nothing")
    func off() {
        var scene = Scene.watched {
            $0.alerts.gpuErrors = 0
            $0.alerts.healthScore = 0
            $0.alerts.diskPercent = 0
            $0.alerts.isOfflineRaised = false
        }
        let effects = scene.samples(1...30) {
            $0.gpus[0].uncorrectedErrors = 3
            $0.host.filesystemUsedPercent = 100
        }
        #expect(effects.raised.isEmpty)
        #expect(scene.run(milliseconds: 20_000).raised.isEmpty)
    }

    @Test("What is not known alarms nobody, and what cannot be read changes nothing")
    func unknown() {
        var scene = Scene.watched()
        #expect(scene.samples(1...30) { $0.gpus = [] }.raised.map(\.content.kind) == ["health"], "a GPU is missing")
        scene = Scene.watched()
        scene.hub.nodes.states[0].signals.expect([])
        #expect(scene.samples(1...30) { $0.gpus = [] }.raised.isEmpty, "there is none")
        scene = Scene.watched()
        #expect(scene.samples(1...20, Self.hot(99)).raised.count == 1)
        #expect(scene.samples(21...100) { $0.gpus[0].temperatureCelsius = nil }.updated.isEmpty)
    }

    @Test("A silent node is one alert until it has been back for a while; one that says goodbye is none")
    func offline() throws {
        var scene = Scene.watched()
        scene.samples(1...3)
        let alert = try #require(scene.run(milliseconds: 11_000).raised.first)
        #expect(alert.content.kind == "node_offline" && alert.content.severity == .critical)
        #expect(alert.content.reading.thresholdThousandths == 10_000 && alert.content.reading.unit == "s")
        #expect(scene.samples(4...20).updated.isEmpty)
        #expect(scene.run(milliseconds: 15_000).raised.isEmpty, "it is open already")
        #expect(scene.samples(21...50).updated.isEmpty, "it has to be back for as long anew")
        #expect(scene.samples(51...52).updated.map(\.id) == [alert.id])
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: true))
        #expect(scene.run(milliseconds: 60_000).raised.isEmpty)
    }

    @Test("After a restart an open alert is not raised again, and is resolved when its cause is gone")
    func restart() throws {
        var scene = Scene.watched()
        let alert = try #require(scene.samples(1...20, Self.hot(99)).raised.first)
        var state = StoredState(nodes: scene.hub.nodes.records, coordinatorID: UUID128(high: 7, low: 7))
        state.alerts = [alert]
        var again = Scene(state)
        again.open(50, user: "boss", .admin)
        again.join(50, .base(.alerts))
        again.prove(1, .test(1))
        #expect(again.samples(1...30, Self.hot(99)).raised.isEmpty)
        #expect(again.samples(31...70).updated.map(\.id) == [alert.id])
    }
}

extension GPUSample {
    fileprivate mutating func use(_ used: UInt64, of total: UInt64) {
        (memoryUsedBytes, memoryTotalBytes) = (used << 20, total << 20)
    }
}

extension HostSample {
    fileprivate mutating func use(_ used: UInt64, of total: UInt64) {
        (memoryTotalBytes, memoryAvailableBytes) = (total << 20, (total - used) << 20)
    }
}
