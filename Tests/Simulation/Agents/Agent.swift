internal import Grid
internal import Hub

/// One run on an agent's machine.
struct Run {
    enum Phase {
        case running
        /// It was asked to end, and has ended by then.
        case ending(TaskFault, by: UInt64)
        /// Its result is on its way to the agent's disk.
        case ended
    }

    var assignment: RunAssignment
    var startedAt: UInt64
    /// When it ends by itself.
    var endsAt: UInt64
    var outcome: RunOutcome
    var phase = Phase.running
    /// Rises when the run's next step changes; a planned step of an earlier generation is void.
    var generation = 0
    var progressSequence: UInt64 = 0
    var percent = 0
    /// Whether what it gives is made up.
    var isInvented = false

    var id: RunID { assignment.run }

    var isAlive: Bool {
        if case .ended = phase { false } else { true }
    }
}

/// A result in an agent's journal.
struct KeptResult {
    var run: RunID
    var outcome: RunOutcome
    /// Whether it would survive a crash.
    var isOnDisk = false
    /// Whether the coordinator has said that it need not be kept.
    var isSettled = false
}

/// An agent's process and what it has on disk, by the documents of the agent link.
final class Agent {
    enum Stage {
        case down, waiting, greeting, proving, established
    }

    let index: Int
    let node: NodeID
    let key: [UInt8]
    let token: Digest256
    let owner: UserID
    let traits: PlannedAgent
    let stream: UUID128

    // On its disk
    var isEnrolled = false
    var journal: [KeptResult] = []
    var isDiskFull = false

    // Of its process
    var start = 0
    var stage = Stage.down
    var isPaused = false
    var isLeaving = false
    /// What arrived while the machine stood still.
    var inbox: [Matter] = []
    var link: Link?
    var secret: UUID128?
    var sequence: UInt64 = 0
    var failures: UInt64 = 0
    /// When the newest ping that was answered had been sent.
    var contact: UInt64 = 0
    /// When the stage began, or the oldest ping that was not answered was sent; 0 = none.
    var unanswered: UInt64 = 0
    var ticks = 0
    /// When the leases of its runs are looked at next; `nil` = not planned.
    var leaseLook: UInt64?
    var runs: [Run] = []
    /// The lie that it lives by; `nil` for an honest agent.
    var lie: PlannedAgent.Lie?
    /// Tasks that a cheater was given.
    var labours = 0
    /// What a liar has said or heard of, to say it again.
    var memory: [TaskReport] = []

    init(index: Int, traits: PlannedAgent, owner: UserID) {
        self.index = index
        self.traits = traits
        self.owner = owner
        node = NodeID(UUID128(high: 0xA0DE, low: UInt64(index + 1)))
        key = [UInt8](repeating: UInt8(index + 1), count: 32)
        token = Digest256(bytes: [UInt8](repeating: UInt8(index + 101), count: 32))
        stream = UUID128(high: 0x57, low: UInt64(index + 1))
        lie = traits.lie
    }

    var isUp: Bool {
        if case .down = stage { false } else { true }
    }
    var isEstablished: Bool {
        if case .established = stage { true } else { false }
    }

    static let runnerNames = ["selftest", "work"]
    static let coresPerGPU = 8
    static let mebibytesPerGPU = 65_536

    var specifications: NodeSpecifications {
        var result = NodeSpecifications()
        result.gpus = (0..<traits.gpuCount).map { gpu in
            var description = GPUDescription(
                index: gpu, uuid: "GPU-\(index)-\(gpu)", name: index % 3 == 0 ? "A100" : "H100", pciBusID: "0:\(gpu)")
            description.memoryTotalBytes = 80 << 30
            description.slowdownCelsius = 90
            return description
        }
        result.cpuCores = Self.coresPerGPU * traits.gpuCount
        result.memoryTotalBytes = UInt64(Self.mebibytesPerGPU * traits.gpuCount) << 20
        result.hostname = "host-\(index)"
        result.runners = Self.runnerNames
        if traits.cheat?.kind == .copiesGPUs {
            // Those of an honest machine, which it came to know.
            for gpu in 0..<traits.gpuCount { result.gpus[gpu].uuid = "GPU-\(index % 10)-\(gpu)" }
        }
        return result
    }

    func introduction(session: UUID128) -> AgentIntroduction {
        AgentIntroduction(
            node: node, tokenDigest: token, publicKey: key, stream: stream, previousSession: secret,
            specifications: specifications, session: session)
    }

    /// How much virtual time passes while the agent's own clock counts so much.
    func virtual(_ local: UInt64) -> UInt64 { local * 1000 / traits.clockPermille }
    /// How much the agent's own clock counts meanwhile.
    func local(_ virtual: UInt64) -> UInt64 { virtual * traits.clockPermille / 1000 }

    func runIndex(_ run: RunID) -> Int? { runs.firstIndex { $0.id == run } }
    func keptIndex(_ run: RunID) -> Int? { journal.firstIndex { $0.run == run } }
}
