internal import Grid
internal import Wire

/// The agent link (docs/protocol-agent.md). Agents are clients that bring readings and run tasks.
extension AsyncAPI {
    static let agent = Channel(
        "agent", at: "/agent", "Agents",
        """
        The link of the hosts, with the subprotocol \(AgentCodec.subprotocol): a signed greeting, readings, and runs \
        of tasks.
        """,
        [
            Operation(
                "session", by: .client, "What an agent says of itself and its machine",
                [hello, proof, inventory, sample, goodbye]),
            Operation(
                "admission", by: .coordinator, "What it is told of its session",
                [challenge, welcome, ack, advice, refused, goodbye]),
            Operation("orders", by: .coordinator, "What it is to run", [assign, cancel, stop, settled]),
            Operation("reports", by: .client, "What became of it", [runs, started, progress, log, result]),
        ])

    private static let fact: JSONSchema = .string(to: Limits.factBytes)
    /// 32 bytes in base 64.
    private static let base64Of32: JSONSchema = .string(matching: "^[A-Za-z0-9+/]{43}=$")

    // MARK: The session

    private static let hello = Message(
        "hello", "Who the agent is and what its machine is made of", golden: "agent/hello_enrol",
        #"""
        {"type":"hello","protocol":1,"join_token":"ngj_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "public_key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","stream":"7d444840-9dc0-41d1-b245-5ffdce74fad2",
        "specifications":{"gpus":[{"index":0,"uuid":"GPU-5d5a1f0e-52a0-4c5e-9d3f-0123456789a0",
        "name":"NVIDIA GeForce RTX 4090","pci_bus_id":"00000000:01:00.0","memory_total_bytes":25769803776,
        "power_limit_milliwatts":450000,"slowdown_celsius":90},{"index":1,
        "uuid":"GPU-5d5a1f0e-52a0-4c5e-9d3f-0123456789a1","name":"NVIDIA GeForce RTX 4090",
        "pci_bus_id":"00000000:02:00.0","memory_total_bytes":25769803776,"power_limit_milliwatts":450000,
        "slowdown_celsius":90}],"cpu_model":"Intel(R) Core(TM) i9-13900K","cpu_cores":32,
        "memory_total_bytes":67294781440,"storage_bytes":2000398934016,"network_megabits_per_second":1000,
        "hostname":"gpu-ny-01","kernel":"6.1.0-18-amd64","operating_system":"Debian GNU/Linux 12 (bookworm)",
        "driver_version":"550.54.15","agent_version":"1.0.0","runners":["llm","selftest"]},"location":{
        "region":"us-east-1","city":"New York","country":"USA"},"agent_version":"1.0.0"}
        """#,
        payload: .read(
            [
                "type": .constant("hello"), "protocol": .integer(from: 1, to: 65_535), "public_key": base64Of32,
                "stream": .uuid, "specifications": .shared("AgentSpecifications"), "agent_version": fact,
            ],
            optional: [
                "node": .uuid, "join_token": fact, "previous_session": .uuid, "location": .shared("AgentLocation"),
            ]))

    static let agentLocation: JSONSchema = {
        let name: JSONSchema = .string(to: Limits.regionBytes)
        return .read([:], optional: ["region": name, "city": name, "country": name])
    }()

    static let agentSpecifications: JSONSchema = .read(
        [:],
        optional: [
            "gpus": .list(of: describedGPU, to: Limits.gpusPerNode),
            "cpu_model": fact,
            "cpu_cores": .integer(from: 1, to: Int64(Limits.coresPerNode)),
            "memory_total_bytes": .natural,
            "storage_bytes": .natural,
            "network_megabits_per_second": .integer(from: 0, to: 100_000_000),
            "hostname": fact,
            "kernel": fact,
            "operating_system": fact,
            "driver_version": fact,
            "agent_version": fact,
            "runners": .list(of: .string(from: 1, to: Limits.runnerNameBytes), to: Limits.runnersPerNode),
        ])

    private static let describedGPU: JSONSchema = .read(
        [
            "index": .integer(from: 0, to: Int64(Limits.gpusPerNode) - 1), "uuid": fact, "name": fact,
            "pci_bus_id": fact,
        ],
        optional: [
            "memory_total_bytes": .natural,
            "power_limit_milliwatts": .integer(from: 0, to: Int64(UInt32.max)),
            "slowdown_celsius": .integer(from: -100, to: 250),
        ])

    private static let inventory = Message(
        "inventory", "The machine's facts have changed", golden: "agent/inventory",
        #"""
        {"type":"inventory","specifications":{"gpus":[{"index":0,"uuid":"GPU-5d5a1f0e-52a0-4c5e-9d3f-0123456789a0",
        "name":"NVIDIA GeForce RTX 4090","pci_bus_id":"00000000:01:00.0","memory_total_bytes":25769803776,
        "power_limit_milliwatts":450000,"slowdown_celsius":90},{"index":1,
        "uuid":"GPU-5d5a1f0e-52a0-4c5e-9d3f-0123456789a1","name":"NVIDIA GeForce RTX 4090",
        "pci_bus_id":"00000000:02:00.0","memory_total_bytes":25769803776,"power_limit_milliwatts":450000,
        "slowdown_celsius":90}],"cpu_model":"Intel(R) Core(TM) i9-13900K","cpu_cores":32,
        "memory_total_bytes":67294781440,"storage_bytes":2000398934016,"network_megabits_per_second":1000,
        "hostname":"gpu-ny-01","kernel":"6.1.0-18-amd64","operating_system":"Debian GNU/Linux 12 (bookworm)",
        "driver_version":"550.54.15","agent_version":"1.0.0","runners":["llm","selftest"]}}
        """#,
        payload: .read(["type": .constant("inventory"), "specifications": .shared("AgentSpecifications")]))

    private static let challenge = Message(
        "challenge", "Prove that you hold the node's key", golden: "agent/challenge",
        #"""
        {"type":"challenge","coordinator":"4b1d8a70-2f63-4c57-9a3e-6f0d1c2b3a49",
        "nonce":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=","node":"0f8fad5b-d9cb-469f-a165-70867728950e"}
        """#,
        payload: .object([
            "type": .constant("challenge"), "coordinator": .uuid, "nonce": base64Of32, "node": .uuid,
        ]))

    private static let proof = Message(
        "proof", "The challenge, signed (Ed25519)", golden: "agent/proof",
        #"""
        {"type":"proof",
        "signature":"PPo2HQwZPTZ+dfOt7RUcBq51DW+rV8OC8eP675UWu9K6DhQA50jizQ2L+xXzcLLs25wO2Ww2z6pAL38x2WUwAA=="}
        """#,
        payload: .read(["type": .constant("proof"), "signature": .string(matching: "^[A-Za-z0-9+/]{86}==$")]))

    private static let welcome = Message(
        "welcome", "The session is open", golden: "agent/welcome",
        #"""
        {"type":"welcome","session":"c56a4180-65aa-42ec-a945-5fd21dec0538","epoch":3,"interval_ms":1000,"acked":0}
        """#,
        payload: .object([
            "type": .constant("welcome"), "session": .uuid.meaning("To be kept secret"), "epoch": .natural,
            "interval_ms": interval, "acked": .natural,
        ]))

    private static let interval: JSONSchema = .integer(
        from: Int64(Limits.sampleIntervalMilliseconds.lowerBound),
        to: Int64(Limits.sampleIntervalMilliseconds.upperBound))

    private static let ack = Message(
        "ack", "Samples up to that number were received", golden: "agent/ack",
        #"""
        {"type":"ack","seq":1042}
        """#,
        payload: .object(["type": .constant("ack"), "seq": .natural]))

    private static let advice = Message(
        "advice", "Sample at this interval from now on", golden: "agent/advice",
        #"""
        {"type":"advice","interval_ms":5000}
        """#,
        payload: .object(["type": .constant("advice"), "interval_ms": interval]))

    private static let refused = Message(
        "refused", "A message was not taken, or the session cannot be", golden: "agent/refused",
        #"""
        {"type":"refused","code":"ENROLMENT_USED","message":"this join token was used already"}
        """#,
        payload: .object(["type": .constant("refused"), "code": .shared("Code"), "message": .string]))

    private static let goodbye = Message(
        "goodbye", "I leave on purpose", golden: "agent/goodbye",
        #"""
        {"type":"goodbye","reason":"shutdown"}
        """#,
        payload: .read(["type": .constant("goodbye")], optional: ["reason": .string(to: Limits.readingTextBytes)]))

    // MARK: Runs

    /// What names a run in every message about it.
    private static let run: JSONSchema.Fields = [
        "task": .uuid, "epoch": .integer(from: 1), "member": .integer(from: 0, to: Int64(Limits.gangMembers) - 1),
    ]

    private static func ordered(_ type: String, _ fields: JSONSchema.Fields = [:]) -> JSONSchema {
        .object(["type": .constant(type)] + run + fields)
    }

    private static func reported(
        _ type: String, _ fields: JSONSchema.Fields = [:], optional: JSONSchema.Fields = [:]
    ) -> JSONSchema {
        .read(["type": .constant(type)] + run + fields, optional: optional)
    }

    private static let assign = Message(
        "assign", "Run this", golden: "agent/assign",
        #"""
        {"type":"assign","task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0,"runner":"llm",
        "arguments":{"model":"llama-3-8b","steps":200,"verbose":false},"input":{"prompt":"Once upon a time"},
        "gpus":[0,2],"gpu_milli":1000,"cpu_milli":4000,"memory_mib":16384,"timeout_seconds":3600,"gang_size":1,
        "lease_ms":30000}
        """#,
        payload: .object(
            ["type": .constant("assign")] + run + [
                "runner": .string(from: 1, to: Limits.runnerNameBytes),
                "arguments": .map(of: .either(.string(to: Limits.argumentTextBytes), .integer, .boolean)),
                "gpus": .list(of: .integer(from: 0, to: 63), to: 64), "gpu_milli": .integer(from: 0, to: 1000),
                "cpu_milli": .natural, "memory_mib": .natural, "timeout_seconds": .integer(from: 1),
                "gang_size": .integer(from: 1, to: Int64(Limits.gangMembers)), "lease_ms": .integer(from: 1),
            ], optional: ["input": .any.meaning("At most \(Limits.taskInputBytes) bytes")]))

    private static let cancel = Message(
        "cancel", "Its owner does not want the run any more", golden: "agent/cancel",
        #"""
        {"type":"cancel","task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0}
        """#,
        payload: ordered("cancel"))

    private static let stop = Message(
        "stop", "The run is not this node's any more", golden: "agent/stop",
        #"""
        {"type":"stop","task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0,"reason":"node_lost"}
        """#,
        payload: ordered("stop", ["reason": .shared("TaskFault")]))

    private static let settled = Message(
        "settled", "The result may be forgotten", golden: "agent/settled",
        #"""
        {"type":"settled","task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0,"counted":true}
        """#,
        payload: ordered("settled", ["counted": .boolean]))

    private static let runs = Message(
        "runs", "What the agent has, behind each welcome", golden: "agent/runs",
        #"""
        {"type":"runs","runs":[{"task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0,"ended":false},{
        "task":"6ba7b812-9dad-41d1-80b4-00c04fd430c8","epoch":2,"member":1,"ended":true}]}
        """#,
        payload: .read([
            "type": .constant("runs"), "runs": .list(of: .read(run + ["ended": .boolean]), to: Limits.runsPerNode),
        ]))

    private static let started = Message(
        "started", "The program runs", golden: "agent/started",
        #"""
        {"type":"started","task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0}
        """#,
        payload: reported("started"))

    private static let progress = Message(
        "progress", "How far it is", golden: "agent/progress",
        #"""
        {"type":"progress","task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0,"seq":12,"percent":65,
        "stage":"model_inference","message":"Processing tokens 1000/1500","eta_seconds":45}
        """#,
        payload: reported(
            "progress", ["seq": .integer(from: 1), "percent": .integer(from: 0, to: 100)],
            optional: [
                "stage": .string(to: Limits.stageBytes), "message": .string(to: Limits.taskMessageBytes),
                "eta_seconds": .integer(from: 0, to: Limits.taskSeconds),
            ]))

    private static let log = Message(
        "log", "A piece of what it wrote", golden: "agent/log",
        #"""
        {"type":"log","task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0,"stream":"stdout",
        "offset":4096,"text":"tokens 1000/1500\n"}
        """#,
        payload: reported(
            "log",
            [
                "stream": .one(of: LogChunk.Stream.allCases.map(\.name)), "offset": .natural,
                "text": .string(to: Limits.logChunkBytes),
            ]))

    private static let result = Message(
        "result", "It has ended, in this way", golden: "agent/result",
        #"""
        {"type":"result","task":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","epoch":7,"member":0,"fault":null,
        "exit_status":0,"ran_ms":2340,"output":"Generated text",
        "digest":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
        """#,
        payload: reported(
            "result", ["ran_ms": .integer(from: 0, to: 2 * Limits.taskSeconds * 1000)],
            optional: [
                "fault": .shared("TaskFault"), "exit_status": .integer(from: 0, to: 255),
                "signal": .integer(from: 1, to: 64), "output": .any, "message": .string(to: Limits.taskMessageBytes),
                "digest": base64Of32,
            ]))
}
