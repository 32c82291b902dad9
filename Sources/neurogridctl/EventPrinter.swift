internal import FoundationEssentials
internal import Service

/// Writes a room's messages: the JSON as it came, or a line a person can read.
struct EventPrinter {
    /// Whether there is more to come.
    enum Outcome {
        case goesOn
        /// The coordinator will not have us.
        case ends(String)
    }

    let printsJSON: Bool
    /// Where the room stands: to come back to.
    private(set) var position: (epoch: UInt64, offset: UInt64)?
    /// How long the coordinator asked to stay away after the connection's end, in milliseconds.
    private(set) var retryAfterMilliseconds: Int?
    private var names: [String: String] = [:]

    init(printsJSON: Bool) { self.printsJSON = printsJSON }

    /// One message of the native protocol; keys that no line shows are left out.
    private struct Message: Decodable {
        var type: String
        var epoch: UInt64?
        var offset: UInt64?
        var data: Fields?
    }

    struct Fields: Decodable {
        struct Amounts: Decodable {
            var bytesIn: Double?
            var bytesOut: Double?
            var readMb: Double?
            var writeMb: Double?
        }
        struct Metrics: Decodable {
            var cpuUsage: Double?
            var ramUsage: Double?
            var gpuUsage: Double?
            var gpuMemory: Double?
            var networkIo: Amounts?
            var diskIo: Amounts?
        }
        struct Specifications: Decodable {
            var gpu: String?
            var gpuCount: Int?
            var cpu: String?
        }
        var code: String?
        var message: String?
        var room: String?
        var nodeId: String?
        var name: String?
        var ownerId: String?
        var status: String?
        var previousStatus: String?
        var timestamp: String?
        var updatedAt: String?
        var registeredAt: String?
        var healthScore: Int?
        var skipped: Int?
        var retryAfterMs: Int?
        var metrics: Metrics?
        var specifications: Specifications?
        struct Gap: Decodable {
            var cause: String
        }
        var epoch: UInt64?
        var offset: UInt64?
        var gap: Gap?
        var level: String?
        var title: String?
        var sentAt: String?
        // Tasks and money.
        var taskId: String?
        var taskNumber: UInt64?
        var progress: Int?
        var stage: String?
        var etaSeconds: Int64?
        var result: TaskView.Result?
        var cost: TaskView.Cost?
        var assignedAt: String?
        var userId: String?
        var balances: [String: AccountView.Balance]?
        var amount: Double?
        var currency: String?
        var type: String?
        var relatedTask: String?
        var confirmedAt: String?
        // Alerts and what else is known of the grid.
        var severity: String?
        var updatedBy: String?
        struct Label: Decodable {
            var label: String
            var confidence: Double
        }
        var results: [Label]?
        var changeType: String?
        struct Device: Decodable {
            var id: String
            var name: String?
        }
        var devices: [Device]?
        var source: String?
    }

    /// Writes one message.
    mutating func print(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        let message: Message
        do {
            message = try RESTClient.decode(Array(bytes), as: Message.self)
        } catch {
            return .ends("\(error)")
        }
        if let epoch = message.epoch ?? message.data?.epoch, let offset = message.offset ?? message.data?.offset {
            position = (epoch, offset)
        }
        switch message.type {
        case "auth_error", "error":
            let text = [message.data?.code, message.data?.message].compactMap { $0 }.joined(separator: ": ")
            return message.data?.code == "CONNECTION_FAILED" ? .goesOn : .ends(text)
        case "room_joined":
            if let gap = message.data?.gap {
                StandardStream.error.write("neurogridctl: something was missed meanwhile (\(gap.cause.harmless))\n")
            }
            return .goesOn
        case "connected":
            retryAfterMilliseconds = nil
            return .goesOn
        case "resume_ticket":
            retryAfterMilliseconds = message.data?.retryAfterMs
            return .goesOn
        case "auth_response", "pong":
            return .goesOn
        default:
            break
        }
        if printsJSON {
            StandardStream.output.write(String(decoding: bytes, as: UTF8.self) + "\n")
        } else if let data = message.data {
            StandardStream.output.write(line(message.type, data).harmless + "\n")
        }
        return .goesOn
    }

    private mutating func line(_ type: String, _ data: Fields) -> String {
        if let id = data.nodeId, let name = data.name { names[id] = name }
        let node = data.nodeId.map { names[$0] ?? String($0.prefix(8)) } ?? ""
        let time =
            (data.timestamp ?? data.updatedAt ?? data.registeredAt ?? data.sentAt ?? data.assignedAt
            ?? data.confirmedAt).map { clock($0) } ?? "        "
        let head = "\(time)  \(type.padded(to: 15))  \(node.padded(to: 16))"
        switch type {
        case "node_metrics": return head + metrics(data)
        case "node_status": return head + "\(data.previousStatus ?? "new") → \(data.status ?? "?")"
        case "node_registered":
            let count = data.specifications?.gpuCount ?? 0
            let gpus = count == 0 ? "no GPU" : "\(count) x \(data.specifications?.gpu ?? "?")"
            return head + "owner \(data.ownerId ?? "?")  \(gpus)  \(data.specifications?.cpu ?? "")"
        case "conflated":
            return head + "\(data.skipped ?? 0) events were skipped, because this terminal reads too slowly"
        case "system_notification":
            return head + "\(data.level ?? "info")  \(data.title ?? ""): \(data.message ?? "")"
        case "alert_new", "alert_update", "prediction", "topology_update", "log":
            return head + GridEventLines.line(type, data)
        default:
            let start = "\(time)  \(type.padded(to: 15))  "
            return TaskEventLines.line(type, data, nodes: names).map { start + $0 } ?? head + (data.message ?? "")
        }
    }

    private func metrics(_ data: Fields) -> String {
        let metrics = data.metrics
        var parts = [
            "cpu \((metrics?.cpuUsage).short("%"))", "ram \((metrics?.ramUsage).short(" GB"))",
            "gpu \((metrics?.gpuUsage).short("%"))",
        ]
        if let memory = metrics?.gpuMemory { parts.append("gpu mem \(memory.short) GB") }
        parts.append("net ↓\(kilobytes(metrics?.networkIo?.bytesIn)) ↑\(kilobytes(metrics?.networkIo?.bytesOut))")
        parts.append("disk r \((metrics?.diskIo?.readMb).short("")) w \((metrics?.diskIo?.writeMb).short(" MB"))")
        parts.append("health \(data.healthScore.map(String.init) ?? "unknown")")
        return parts.joined(separator: "  ")
    }

    private func kilobytes(_ bytes: Double?) -> String { bytes.map { ($0 / 1024).short + " kB" } ?? "–" }

    /// The time of day out of an ISO 8601 time.
    private func clock(_ text: String) -> String { String(text.dropFirst(11).prefix(8)) }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count)) + " "
    }
}
