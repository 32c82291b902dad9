import Bytes
import Foundation
import Grid
import Testing

@testable import Wire

/// What docs/protocol.md and docs/protocol-agent.md say is what the code does.
@Suite("The protocols' documents")
struct DocumentationTests {
    static let documents = [
        "protocol.md", "protocol-agent.md", "protocol-qubix.md", "protocol-neurograph.md", "protocol-triggerx.md",
        "protocol-eyenet.md", "rest.md",
    ]

    private static func text(_ document: String) throws -> String {
        try String(contentsOf: Goldens.root.appendingPathComponent("docs/" + document), encoding: .utf8)
    }

    /// The JSON examples of a document, each with the name of its golden message.
    private static func examples(_ document: String) throws -> [(name: String, json: String)] {
        var examples: [(name: String, json: String)] = []
        var open: (name: String, lines: [Substring])?
        for line in try text(document).split(separator: "\n", omittingEmptySubsequences: false) {
            if let (name, lines) = open {
                if line == "```" {
                    examples.append((name, lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open = (name, lines + [line])
                }
            } else if line.hasPrefix("```json") {
                open = (line.dropFirst("```json".count).trimmingCharacters(in: .whitespaces), [])
            }
        }
        return examples
    }

    @Test("Every example is its golden message", arguments: documents)
    func examples(_ document: String) throws {
        let examples = try Self.examples(document)
        #expect(examples.count > 8)
        for (name, json) in examples {
            #expect(try JSONTree(json).text == Goldens.text(name), "\(name)")
        }
    }

    @Test("Every golden message is an example, but for variants that show nothing more")
    func coverage() throws {
        let variants: Set<String> = [
            "native/node_metrics_bare", "native/system_notification_bare", "rest/node_silent",
            "qubix/provider_registered_bare", "qubix/provider_status_changed_busy",
            "qubix/provider_status_changed_draining", "qubix/gpu_metrics_update_bare",
            "qubix/marketplace_update_free", "qubix/job_progress_created", "qubix/job_progress_assigned",
            "qubix/job_progress_unknown", "native/alert_new_bare", "native/alert_update_resolved",
            "native/prediction_failed", "native/analytics_update_quiet", "native/log_connection_closed",
            "triggerx/task_created_bare", "triggerx/task_status_changed_completed",
            "triggerx/task_status_changed_cancelled", "triggerx/subscribe_task", "triggerx/subscribe_user",
            "neurograph/connected_anonymous", "neurograph/broadcast_answer_everybody",
            "eyenet/device_metrics_bare", "eyenet/alert_new_bare", "eyenet/alert_update_resolved",
            "eyenet/ml_prediction_failed",
        ]
        let shown = Set(try Self.documents.flatMap { try Self.examples($0).map(\.name) })
        #expect(try Goldens.names() == shown.union(variants))
    }

    @Test("Every golden file has its value in the tests")
    func goldens() throws {
        let agent = AgentGoldens.fromAgent.map(\.name) + AgentGoldens.fromCoordinator.map(\.name)
        let native =
            NativeGoldens.events.map(\.name) + NativeGoldens.replies.map(\.name)
            + NativeGoldens.clientMessages.map(\.name)
        let known =
            agent.map { "agent/" + $0 } + native.map { "native/" + $0 } + QubixGoldens.names.map { "qubix/" + $0 }
            + NeuroGraphGoldens.names.map { "neurograph/" + $0 } + TriggerXGoldens.names.map { "triggerx/" + $0 }
            + EyeNetGoldens.names.map { "eyenet/" + $0 }
            + (NativeGoldens.bodies + TaskResourceGoldens.bodies).map { "rest/" + $0.name }
        #expect(try Goldens.names() == Set(known))
    }

    @Test("Every code is explained")
    func codes() throws {
        let text = try Self.text("protocol.md")
        for code in Refusal.Code.allCases { #expect(text.contains("`\(code.rawValue)`"), "\(code.rawValue)") }
        for (name, _) in Permissions.named { #expect(text.contains("| `\(name)` |"), "\(name)") }
        for room in BaseRoom.allCases where room != .channels {
            #expect(text.contains("`\(room.name)`"), "\(room.name)")
        }
        for status in NodeStatus.allCases { #expect(text.contains("`\(status.name)`"), "\(status.name)") }
        for state in GPUState.allCases { #expect(text.contains("`\(state.name)`"), "\(state.name)") }
    }

    @Test("Every close code is explained")
    func closeCodes() throws {
        let reasons: [CloseReason] = [
            .normal, .drain, .protocolError, .unsupportedData, .invalidUTF8, .policy, .tooLarge, .fault, .restart,
            .tryLater, .slow, .noHeartbeat, .fenced, .refused,
        ]
        let text = try Self.text("protocol.md")
        for reason in reasons { #expect(text.contains("| \(reason.code) |"), "\(reason.code)") }
        let agent = try Self.text("protocol-agent.md")
        for reason in reasons where reason != .normal && reason != .slow {
            #expect(agent.contains("\(reason.code)"), "\(reason.code)")
        }
    }

    @Test("Every field of a sample is explained")
    func sampleFields() throws {
        let text = try Self.text("protocol-agent.md")
        func names<Key: WireKey>(_ key: Key.Type) -> [String] {
            (0...).lazy.map { Key(rawValue: $0)?.name.description }.prefix { $0 != nil }.compactMap { $0 }
        }
        for name in names(SampleKey.self) + names(HostKey.self) + names(GPUKey.self) where name != "type" {
            #expect(text.contains("`\(name)`"), "\(name)")
        }
        for name in names(CostKey.self) { #expect(text.contains("`cost.\(name)`"), "\(name)") }
    }

    @Test("The limits are the code's")
    func limits() throws {
        let agent = try Self.text("protocol-agent.md")
        let ranges = Limits.sampleIntervalMilliseconds
        for text in [
            "`gpus` | array, at most \(Limits.gpusPerNode) |", "1 to \(Limits.coresPerNode)",
            "| `failures` | at most \(Limits.collectorFailuresPerSample) |",
            "| `detail.disks` | at most \(Limits.devicesPerNode) |", "texts of at most \(Limits.factBytes) bytes",
            "`processes` | array, at most \(Limits.processesPerGPU) |", "texts of at most \(Limits.regionBytes) bytes",
            "every \(Limits.heartbeatSeconds) s", "silent for \(Limits.leaseSeconds) s",
            "for \(Limits.unacknowledgedSampleSeconds) s at least", "in \(Limits.agentHandshakeSeconds) s",
            "\(ranges.lowerBound) to \(ranges.upperBound)", "beginning at \(Limits.reconnectBaseMilliseconds) ms",
            "up to \(Limits.reconnectCapMilliseconds / 1000) s",
        ] {
            #expect(agent.contains(text), "\(text)")
        }
        let native = try Self.text("protocol.md")
        for text in [
            "within \(Limits.authenticationSeconds) s of the upgrade",
            "at most \(Limits.unauthenticatedMessageBytes >> 10) KiB", "at most \(Limits.pingEchoBytes) bytes",
            "in \(Limits.roomsPerConnection) rooms", "At most \(Limits.filterValues) values",
            "| \(Limits.connectionsPerIPPerMinute) | HTTP 429 with", "| \(Limits.connectionsPerIP) | HTTP 429 |",
            "| \(Limits.messagesPerConnectionPerMinute), `authenticate`", "| \(Limits.messageBytes >> 20) MiB;",
            "for messages in a minute | \(Limits.refusalsBeforeClose) |", "nesting of JSON | \(Limits.jsonDepth) |",
        ] {
            #expect(native.contains(text), "\(text)")
        }
    }

    @Test("QUBIX: the limits and the close code are the code's")
    func qubix() throws {
        let text = try Self.text("protocol-qubix.md")
        for phrase in [
            "within the last \(Limits.qubixPingSeconds) s", "Every \(Limits.qubixCheckSeconds) s the coordinator looks",
            "closes the connection with \(CloseReason.noPing.code)",
            "| subscriptions per connection | \(Limits.subscriptionsPerClient) |",
            "| messages per connection and minute | \(Limits.messagesPerConnectionPerMinute) |",
            "(\(Limits.listedSubscriptions) at most)",
        ] {
            #expect(text.contains(phrase), "\(phrase)")
        }
    }

    @Test("TriggerX: codes, fields and limits are the code's")
    func triggerX() throws {
        let text = try Self.text("protocol-triggerx.md")
        for code in TriggerXError.Code.allCases { #expect(text.contains("`\(code.rawValue)`"), "\(code.rawValue)") }
        for key in TaskExecution.Key.allCases { #expect(text.contains("`\(key.rawValue)`"), "\(key.rawValue)") }
        for phrase in [
            "| connections per address at once, those of other dialects included | \(Limits.connectionsPerIP) |",
            "| requests and messages per key and minute | \(Limits.apiKeyRatePerMinute),",
            "| rooms per connection | \(Limits.subscriptionsPerClient) |",
            "texts of at most \(Limits.executionHashBytes) bytes", "at most \(Limits.executionProofBytes) bytes",
            "texts of at most \(Limits.executionSignatureBytes) bytes", "at most \(Limits.executionAttesters) whole",
            "1 to \(Limits.jobIDBytes) bytes", "(\(Limits.listedSubscriptions) at most)",
        ] {
            #expect(text.contains(phrase), "\(phrase)")
        }
    }

    @Test("NeuroGraph: the limits, the close codes and the channels are the code's")
    func neurograph() throws {
        let text = try Self.text("protocol-neurograph.md")
        for phrase in [
            "every \(Limits.neurographPingSeconds) s", "silent for \(Limits.undecidedSeconds) s",
            "within \(Limits.authenticationSeconds) s", "for \(Limits.bufferSeconds / 60) minutes",
            "| connections | \(Limits.neurographConnections) |",
            "| events kept for a client that drops | \(Limits.bufferedEvents) |",
            "every \(Limits.systemMetricsSeconds) s", "1 to \(Limits.eventTypeBytes) letters",
            "at most \(Limits.broadcastBytes >> 10) KiB", "(\(CloseReason.fenced.code))",
        ] {
            #expect(text.contains(phrase), "\(phrase)")
        }
        for channel in EventChannel.allCases {
            let permission = channel.permission.names.joined()
            #expect(text.contains("| `\(channel.name)` | `\(permission)` |"), "\(channel.name)")
        }
        for type in NeuroGraphEventType.allCases { #expect(text.contains("`\(type.rawValue)`"), "\(type.rawValue)") }
    }

    @Test("Every fault is explained, and every limit of a task's messages is the code's")
    func tasks() throws {
        let agent = try Self.text("protocol-agent.md")
        for fault in TaskFault.allCases { #expect(agent.contains("`\(fault.rawValue)`"), "\(fault.rawValue)") }
        for text in [
            "`member` | 0 to \(TaskRanges.member.upperBound) |", "1 to \(Limits.gangMembers) | members in all",
            "`arguments` | object, at most \(Limits.taskArguments) |",
            "texts of at most \(Limits.argumentTextBytes) bytes without NUL",
            "a name has 1 to \(Limits.argumentNameBytes) of",
            "at most \(Limits.taskInputBytes >> 10) KiB; absent: none",
            "at most \(Limits.taskOutputBytes >> 10) KiB and \(Limits.taskValueDepth) deep",
            "`stage` | at most \(Limits.stageBytes) bytes", "`message` | at most \(Limits.taskMessageBytes) bytes",
            "`eta_seconds` | 0 to \(Limits.taskSeconds) |", "`text` at most \(Limits.logChunkBytes) bytes",
            "At most \(Limits.runsPerNode), which", "`runners` | array, at most \(Limits.runnersPerNode) |",
            "1 to \(Limits.runnerNameBytes) bytes each", "silent for the lease (\(Limits.taskLeaseSeconds) s",
            "| \(Limits.leaseStopPercent) % |", "| \(Limits.leaseKillPercent) % |",
        ] {
            #expect(agent.contains(text), "\(text)")
        }
        let native = try Self.text("protocol.md")
        for state in TaskState.allCases { #expect(native.contains("`\(state.name)`"), "\(state.name)") }
    }

    @Test("A hello of the largest host fits what may be said before the welcome")
    func largestHello() throws {
        var hello = AgentGoldens.enrolling
        let gpu = try #require(hello.specifications.gpus.first)
        hello.specifications.gpus = (0..<Limits.gpusPerNode).map { index in
            var other = gpu
            other.index = index
            return other
        }
        // Runners follow in an inventory where they have no room.
        hello.specifications.runners = []
        let text = written { AgentCodec.encode(.hello(hello), into: &$0) }
        #expect(text.utf8.count <= Limits.unauthenticatedMessageBytes)
    }
}
