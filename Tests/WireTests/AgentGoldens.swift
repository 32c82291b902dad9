import Bytes
import Grid

@testable import Wire

/// A value for each golden message of the agent link. The proof is a worked one: docs/protocol-agent.md explains it.
enum AgentGoldens {
    static let node = NodeID(UUID128(high: 0x0f8f_ad5b_d9cb_469f, low: 0xa165_7086_7728_950e))
    static let task = TaskID(UUID128(high: 0x6ba7_b810_9dad_41d1, low: 0x80b4_00c0_4fd4_30c8))
    static let coordinator = UUID128(high: 0x4b1d_8a70_2f63_4c57, low: 0x9a3e_6f0d_1c2b_3a49)
    static let stream = UUID128(high: 0x7d44_4840_9dc0_41d1, low: 0xb245_5ffd_ce74_fad2)
    static let session = UUID128(high: 0xc56a_4180_65aa_42ec, low: 0xa945_5fd2_1dec_0538)
    static let nonce = [UInt8](0..<32)
    /// RFC 8032 §7.1, test 1.
    static let publicKey = Hexadecimal.decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")!
    static let signature = Base64.decode(
        "PPo2HQwZPTZ+dfOt7RUcBq51DW+rV8OC8eP675UWu9K6DhQA50jizQ2L+xXzcLLs25wO2Ww2z6pAL38x2WUwAA==")!

    static var specifications: NodeSpecifications {
        var facts = NodeSpecifications()
        facts.gpus = (0..<2).map { index in
            var gpu = GPUDescription(
                index: index, uuid: "GPU-5d5a1f0e-52a0-4c5e-9d3f-0123456789a\(index)",
                name: "NVIDIA GeForce RTX 4090", pciBusID: "00000000:0\(index + 1):00.0")
            gpu.memoryTotalBytes = 25_769_803_776
            gpu.powerLimitMilliwatts = 450_000
            gpu.slowdownCelsius = 90
            return gpu
        }
        facts.cpuModel = "Intel(R) Core(TM) i9-13900K"
        facts.cpuCores = 32
        facts.memoryTotalBytes = 67_294_781_440
        facts.storageBytes = 2_000_398_934_016
        facts.networkMegabitsPerSecond = 1000
        facts.hostname = "gpu-ny-01"
        facts.kernel = "6.1.0-18-amd64"
        facts.operatingSystem = "Debian GNU/Linux 12 (bookworm)"
        facts.driverVersion = "550.54.15"
        facts.agentVersion = "1.0.0"
        facts.runners = ["llm", "selftest"]
        return facts
    }

    static var enrolling: AgentHello {
        AgentHello(
            joinToken: "ngj_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", publicKey: publicKey, stream: stream,
            specifications: specifications,
            location: NodeLocation(region: "us-east-1", city: "New York", country: "USA"), agentVersion: "1.0.0")
    }

    static var returning: AgentHello {
        var facts = NodeSpecifications()
        facts.cpuModel = "AMD EPYC 7543"
        facts.cpuCores = 64
        return AgentHello(
            node: node, publicKey: publicKey, stream: stream, previousSession: session, specifications: facts,
            agentVersion: "1.0.0")
    }

    static let run = RunID(task: task, epoch: 7, member: 0)
    static let endedRun = RunID(
        task: TaskID(UUID128(high: 0x6ba7_b812_9dad_41d1, low: 0x80b4_00c0_4fd4_30c8)), epoch: 2, member: 1)

    static let assignment = RunAssignment(
        run: run, runner: "llm",
        arguments: [
            TaskArgument(name: "model", value: .text("llama-3-8b")),
            TaskArgument(name: "steps", value: .integer(200)), TaskArgument(name: "verbose", value: .boolean(false)),
        ],
        input: "{\"prompt\":\"Once upon a time\"}", gpus: 0b101, milliPerGPU: 1000, cpuMilli: 4000,
        memoryMebibytes: 16_384, timeoutSeconds: 3600, gangSize: 1, leaseMilliseconds: 30_000)

    static var progress: ProgressReport {
        var progress = ProgressReport(sequence: 12, percent: 65)
        progress.stage = "model_inference"
        progress.message = "Processing tokens 1000/1500"
        progress.etaSeconds = 45
        return progress
    }

    static var completed: RunOutcome {
        var outcome = RunOutcome()
        outcome.exitStatus = 0
        outcome.ranMilliseconds = 2340
        outcome.output = "\"Generated text\""
        outcome.digest = Digest256(bytes: nonce)
        return outcome
    }

    static var failed: RunOutcome {
        var outcome = RunOutcome()
        outcome.fault = .timeout
        outcome.signal = 15
        outcome.ranMilliseconds = 3_600_250
        outcome.message = "stopped after 3600 s"
        return outcome
    }

    static let fromAgent: [(name: String, message: AgentMessage)] = [
        ("hello_enrol", .hello(enrolling)),
        ("hello_return", .hello(returning)),
        ("proof", .proof(AgentProof(signature: signature))),
        ("inventory", .inventory(specifications)),
        ("sample", .sample(SampleMaker.typical(gpus: 4))),
        ("sample_detail", .sample(SampleMaker.complete())),
        (
            "runs",
            .runs([RunHolding(run: run, hasEnded: false), RunHolding(run: endedRun, hasEnded: true)])
        ),
        ("started", .report(TaskReport(run: run, body: .started))),
        ("progress", .report(TaskReport(run: run, body: .progress(progress)))),
        (
            "log",
            .report(
                TaskReport(
                    run: run, body: .log(LogChunk(stream: .stdout, offset: 4096, text: "tokens 1000/1500\n"))))
        ),
        ("result", .report(TaskReport(run: run, body: .ended(completed)))),
        ("result_failed", .report(TaskReport(run: run, body: .ended(failed)))),
        ("goodbye", .goodbye(reason: "shutdown")),
    ]

    static let fromCoordinator: [(name: String, message: CoordinatorMessage)] = [
        ("challenge", .challenge(AgentChallenge(coordinatorID: coordinator, nonce: nonce, node: node))),
        ("welcome", .welcome(AgentWelcome(session: session, epoch: 3, intervalMilliseconds: 1000, acked: 0))),
        ("ack", .ack(sequence: 1042)),
        ("advice", .advice(intervalMilliseconds: 5000)),
        ("refused", .refused(Refusal(.enrolmentUsed, "this join token was used already"))),
        ("assign", .order(.assign(assignment))),
        ("cancel", .order(.cancel(run))),
        ("stop", .order(.stop(run, .nodeLost))),
        ("settled", .order(.settled(run, counted: true))),
        ("goodbye_coordinator", .goodbye(reason: "drain")),
    ]
}
