/// Every maximum of the product on one page. Relations between them are asserted in ``checkRelations()``.
///
/// Limits that an operator may set are defaults here and travel as values; the others are fixed.
public enum Limits {
    // MARK: Names and sizes, in bytes
    public static let userIDBytes = 128
    public static let nodeNameBytes = 128
    public static let regionBytes = 64
    public static let roomNameBytes = 160
    /// A message from a client or an agent, reassembled and inflated. Configurable as `limits.message_bytes`.
    public static let messageBytes = 1 << 20
    /// A message before its sender has authenticated.
    public static let unauthenticatedMessageBytes = 16 << 10
    /// All unfinished messages of the process together.
    public static let assemblyBytesTotal = 32 << 20
    /// Fragments of one message, empty ones included.
    public static let messageFragments = 1024
    /// Payloads below it are sent as they are: deflate gains too little on them.
    public static let deflateThresholdBytes = 128
    public static let jsonDepth = 32
    public static let tokenBytes = 8 << 10
    /// A token's `jti`.
    public static let tokenIDBytes = 128
    /// A client's public key as JSON, and its name in there.
    public static let jwkBytes = 2048
    public static let jwkIDBytes = 128

    // MARK: HTTP
    public static let requestHeadBytes = 16 << 10
    public static let requestTargetBytes = 8 << 10
    /// Head and WebSocket handshake together, from accept to upgrade.
    public static let handshakeSeconds = 10
    /// From upgrade to a successful `authenticate`.
    public static let authenticationSeconds = 10

    /// Sessions that may begin a second on one loop. Configurable as `limits.upgrades_per_second`.
    public static let upgradesPerSecond = 2000
    /// Agents of one loop between upgrade and welcome. Configurable as `limits.agent_handshakes`.
    public static let agentHandshakes = 2048

    // MARK: The native dialect's documented limits
    public static let connectionsPerIPPerMinute = 10
    public static let connectionsPerIP = 10
    public static let messagesPerConnectionPerMinute = 100
    public static let roomsPerConnection = 10
    /// What a session of another dialect may subscribe to. Configurable as `limits.subscriptions_per_client`.
    public static let subscriptionsPerClient = 100
    /// Refusals within a minute that close the connection (1008).
    public static let refusalsBeforeClose = 10
    /// Events that an EyeNet client may send a minute, and readings that it is sent. Configurable as
    /// `limits.events_per_client_per_minute`.
    public static let eventsPerClientPerMinute = 1000
    /// Values in one filter's array.
    public static let filterValues = 64
    /// Pings and pongs of the WebSocket protocol itself that a peer may send a minute.
    public static let controlFramesPerMinute = 240
    /// Messages that could not be read, less those that could, which close the connection (1008). More than a minute
    /// of the messages that may be sent: a client with a fault is answered for a while before it is sent away.
    public static let badMessagesBeforeClose = 128
    /// From the first byte of a message to its last.
    public static let messageAssemblySeconds = 30
    /// Descriptors kept for what is not a connection: the store, logs, the operator.
    public static let reservedDescriptors = 64
    /// Connections of one loop that have not been upgraded and may rest between two requests.
    public static let restingHTTPConnections = 512
    /// What a client's `ping` has echoed.
    public static let pingEchoBytes = 1024

    /// The silence after which a stream of Server-Sent Events says that it lives.
    public static let streamHeartbeatSeconds = 15

    // MARK: QUBIX
    /// From a client's last `ping` to its end …
    public static let qubixPingSeconds = 60
    /// … which is looked for this often.
    public static let qubixCheckSeconds = 30
    /// Of the subscriptions that its statistics list, those with most subscribers.
    public static let listedSubscriptions = 10_000

    // MARK: NeuroGraph
    /// Open connections of the dialect. Configurable, as is the next.
    public static let neurographConnections = 100
    /// Events that are kept for a client that drops …
    public static let bufferedEvents = 1000
    /// … and for how long.
    public static let bufferSeconds = 300
    /// Clients that are waited for; of more, those that went first are forgotten.
    public static let absentClients = 10_000
    /// Events that are kept for all of them, estimated.
    public static let bufferedBytesTotal = 64 << 20
    /// Messages to absent clients alone, all together.
    public static let personalBytesTotal = 16 << 20
    /// Messages of a client that wait until its buffer has been found.
    public static let heldMessages = 64
    /// From one ping of the server to the next.
    public static let neurographPingSeconds = 30
    /// In development mode: from the upgrade of a silent client to its being taken for an anonymous one.
    public static let undecidedSeconds = 3
    /// The name of an event that is broadcast.
    public static let eventTypeBytes = 64
    /// The data of an event that is broadcast.
    public static let broadcastBytes = 64 << 10
    /// From one `system_metrics` to the next. Configurable.
    public static let systemMetricsSeconds = 5

    // MARK: Engine.IO and Socket.IO
    /// From the opening of a session, or from a pong, to the server's next ping.
    public static let engineIOPingIntervalMilliseconds = 25_000
    /// From a ping to the end of a session that has not answered it.
    public static let engineIOPingTimeoutMilliseconds = 20_000
    /// The body of a POST and a WebSocket message, `maxPayload` in the handshake.
    public static let engineIOPayloadBytes = 1_000_000
    /// From the handshake of a WebSocket to its `upgrade` packet.
    public static let engineIOUpgradeMilliseconds = 10_000
    /// How long a session that was closed waits for a poll to say so.
    public static let engineIOCloseMilliseconds = 30_000
    /// Packets in the answer to one poll: python-engineio refuses more.
    public static let engineIOAnswerPackets = 16
    /// How long a client may be in no namespace.
    public static let socketIOConnectMilliseconds = 10_000
    /// Times a minute that a client may want into a namespace: each time a token is checked.
    public static let socketIOConnectsPerMinute = 60
    /// Bytes that may wait for an EyeNet client before its readings wait elsewhere, the newest of each device …
    public static let eyenetWaitingBytes = 64 << 10
    /// … for so many devices.
    public static let eyenetWaitingDevices = 4096
    /// Binary attachments of one packet.
    public static let socketIOAttachments = 10
    /// Their bytes together.
    public static let socketIOAttachmentBytes = 1 << 20
    public static let socketIONamespaceBytes = 128
    /// Digits of an acknowledgement's id: as many as JavaScript's exact integers have.
    public static let socketIOIDDigits = 16

    // MARK: Queues
    /// Private bytes waiting for one connection before it is closed as slow.
    public static let privateQueueBytes = 1 << 20
    /// One segment of encoded frames, shared by all loops.
    public static let segmentBytes = 64 << 10
    /// Encoded bytes kept for one class's slow readers.
    public static let classBytes = 16 << 20
    /// Bytes that a slow reader may be behind before it gets the newest only. Configurable as
    /// `limits.slow_conflate_bytes`.
    public static let slowConflateBytes = 256 << 10
    /// How long a slow reader may take nothing. Configurable as `limits.slow_deadline`.
    public static let slowDeadlineSeconds = 10
    /// How long a reader may get the newest only without catching up. Configurable as `limits.conflated_deadline`.
    public static let conflatedDeadlineSeconds = 60
    /// Frames kept for one slow reader when its class lets go of them, because nothing may stand in for them.
    public static let rescuedBytes = 64 << 10
    /// The same, of all slow readers together.
    public static let rescuedBytesTotal = 8 << 20
    /// Messages waiting in one mailbox.
    public static let mailboxMessages = 1 << 16

    // MARK: History and replay
    /// Events kept of one base room's log. Configurable, like the next two, as `history`.
    public static let historyEvents = 10_000
    /// Their estimated size together.
    public static let historyBytes = 32 << 20
    /// How long they are kept.
    public static let historyAgeSeconds = 24 * 3600
    /// Events of a log that one piece of a replay looks at.
    public static let replayScannedEvents = 2048
    /// Events in one piece of a replay.
    public static let replayEvents = 256
    /// Their estimated size, but for the last of them.
    public static let replayBytes = 64 << 10
    /// Frames of replays that are kept encoded for the next session that needs them.
    public static let replayCacheBytes = 8 << 20
    /// Epochs that a durable log had before its present one, up to a crash each, whose positions are still good.
    public static let formerEpochs = 64
    /// Estimated bytes of readings kept for one stream that waits for another room's commit.
    public static let parkedBytes = 256 << 10

    // MARK: Notifications
    public static let notificationTitleBytes = 256
    public static let notificationMessageBytes = 4096
    public static let notificationServices = 32
    public static let notificationServiceBytes = 64
    // MARK: Alerts and predictions
    /// Alerts that are kept, resolved ones among them.
    public static let alerts = 10_000
    public static let alertMessageBytes = 2048
    public static let alertKindBytes = 64
    public static let alertUnitBytes = 16
    /// Alerts that one `analytics_update` names.
    public static let analyticsAlerts = 100
    public static let predictionLabelBytes = 128
    public static let predictionResults = 100

    // MARK: Requests that are repeated
    /// What a client names a request that it may have to repeat.
    public static let idempotencyKeyBytes = 128

    // MARK: Store
    /// Tokens and users taken back.
    public static let revocations = 100_000
    /// How long changes that nobody waits for may lie in memory before they are stored, for company …
    public static let laterStoreMilliseconds = 50
    /// … and how many of them at most.
    public static let laterStoreChanges = 4096
    /// The newest entries of the audit log that are kept.
    public static let auditEntries = 100_000
    /// API keys that are kept, those taken back or expired among them: they make room, the oldest first.
    public static let apiKeys = 10_000
    public static let apiKeyNameBytes = 128
    /// A key's default rate, and the highest there is.
    public static let apiKeyRatePerMinute = 600
    public static let apiKeyRateMost = 1_000_000
    /// The longest term of a key that has one.
    public static let apiKeyTermSeconds: Int64 = 366 * 86_400
    /// How soon after a key's noted use the next one is noted.
    public static let apiKeyUseSeconds = 60
    /// How long a full disk is left alone before the waiting commits are tried again.
    public static let fullDiskRetryMilliseconds = 1000

    /// The newest transfers whose chain is checked at a start; `verify` checks them all.
    public static let transfersCheckedAtStart = 10_000

    // MARK: Agents
    public static let gpusPerNode = 64
    public static let collectorFailuresPerSample = 32
    /// The default silence after which a node is offline.
    public static let leaseSeconds = 10
    public static let heartbeatSeconds = 3
    public static let sampleIntervalMilliseconds = 100...60_000
    /// Unacknowledged samples the agent keeps in memory.
    public static let unacknowledgedSampleSeconds = 60
    public static let reconnectBaseMilliseconds = 250
    public static let reconnectCapMilliseconds = 5000
    /// From connect to `welcome`.
    public static let agentHandshakeSeconds = 10
    /// One fact of a machine: a processor's model, a host name, a version.
    public static let factBytes = 256
    /// A text in a sample: a device's name, a mount point, a failure's reason.
    public static let readingTextBytes = 256
    public static let coresPerNode = 4096
    /// Disks, file systems and interfaces in one sample, each.
    public static let devicesPerNode = 256
    public static let processesPerGPU = 64
    /// Nodes one coordinator registers.
    public static let nodes = 100_000

    // MARK: Tasks
    /// A node's silence after which its tasks are given to others, unless an operator says otherwise.
    public static let taskLeaseSeconds = 30
    /// Of a lease, in hundredths: after so much of it without contact an agent asks its runs to end …
    public static let leaseStopPercent: Int64 = 60
    /// … and after so much it has killed them. What is left is for clocks that do not run alike.
    public static let leaseKillPercent: Int64 = 80
    public static let taskAttempts = 20
    /// A run's time where its submitter names none.
    public static let defaultTaskSeconds: Int64 = 3600
    public static let taskArguments = 64
    public static let argumentNameBytes = 64
    public static let argumentTextBytes = 4096
    /// A task's input and its output, each a JSON value.
    public static let taskInputBytes = 64 << 10
    public static let taskOutputBytes = 64 << 10
    /// How deep they may nest: whatever message shows them has ``jsonDepth`` in all.
    public static let taskValueDepth = 24
    public static let taskMessageBytes = 1024
    public static let stageBytes = 128
    public static let jobIDBytes = 128
    /// What an outside party may tell of an external task: names of transactions, a proof, a signature, attesters.
    public static let executionHashBytes = 256
    public static let executionProofBytes = 4096
    public static let executionSignatureBytes = 1024
    public static let executionAttesters = 256
    public static let runnerNameBytes = 64
    /// Tasks of one job.
    public static let jobTasks = 10_000
    /// Tasks that one request may bring.
    public static let tasksPerRequest = 1000
    /// Of a job, in one answer.
    public static let jobTasksShown = 100
    /// Tasks in all that have not ended …
    public static let liveTasks = 100_000
    /// … and of one user.
    public static let liveTasksPerUser = 10_000
    /// Ended tasks that are kept, the latest ones.
    public static let endedTasks = 100_000
    /// About how much one answer holds that lists tasks; the rest is on the next page.
    public static let pageBytes = 1 << 20
    public static let logChunkBytes = 8 << 10
    /// The end of what a task wrote that the coordinator keeps, and of all tasks together.
    public static let taskLogBytes = 64 << 10
    public static let taskLogBytesTotal = 64 << 20
    /// Runs of one node at a time.
    public static let runsPerNode = 256
    public static let runnersPerNode = 64
    /// Results that wait at once for a copy's; the others count without.
    public static let comparisons = 10_000
    /// Words of a runner's command line, and bytes of one of them.
    public static let runnerWords = 256
    public static let runnerWordBytes = 16 << 10
    /// Names in a runner's environment beside the agent's own.
    public static let runnerVariables = 64
    /// One line that a task sends about its progress.
    public static let progressMessageBytes = 4096
    /// Of one run's output, what an agent keeps until it can tell it, each stream.
    public static let unsentLogBytes = 64 << 10
    /// Results that an agent keeps on its disk until they are settled.
    public static let resultJournalBytes = 64 << 20

    // MARK: Money, in micro-units
    public static let depositMicros: Int64 = 1_000_000_000_000_000
    /// No account holds more, so that sums of all of them cannot overflow.
    public static let balanceMicros: Int64 = 1_000_000_000_000_000_000
    /// What a GPU hour may cost a task that names no cap: 10 credits.
    public static let priceCapMicros: Int64 = 10_000_000
    /// Accounts beyond which no deposit opens another one. Owners of nodes have theirs in any case.
    public static let ledgerAccounts = 2_000_000
    /// Deposits that carry a key: each can be asked for again, for ever.
    public static let depositKeys = 1_000_000

    // MARK: Routing
    /// Members of one gang.
    public static let gangMembers = 1024
    /// The longest run of a task that may be asked for: 45 days.
    public static let taskSeconds: Int64 = 45 * 86_400
    /// An hour of one GPU: a thousand credits.
    public static let priceMicros: Int64 = 1_000_000_000
    /// Hazard adds at most so many times the price: beyond it, only order matters.
    public static let hazardFactor: Int64 = 1000
    /// Nodes that a task avoids.
    public static let excludedNodes = 16
    /// Shapes of tasks whose best nodes are kept at hand.
    public static let shapeIndexes = 256
    /// Shapes of recent submissions that fragmentation is measured by.
    public static let workloadShapes = 256
    /// Waiting tasks that one pass tries in vain before it ends.
    public static let backfillDepth = 1000

    /// Traps where two limits contradict each other; called once at start and by the tests.
    public static func checkRelations() {
        precondition(unauthenticatedMessageBytes <= messageBytes)
        precondition(messageBytes <= assemblyBytesTotal)
        precondition(tokenBytes < unauthenticatedMessageBytes)
        precondition(requestTargetBytes < requestHeadBytes)
        precondition(segmentBytes * 4 <= classBytes)
        precondition(slowConflateBytes < classBytes)
        precondition(rescuedBytes < privateQueueBytes && rescuedBytes <= rescuedBytesTotal)
        precondition(slowDeadlineSeconds < conflatedDeadlineSeconds)
        precondition(
            gpusPerNode * processesPerGPU * 64 + 3 * devicesPerNode * (2 * readingTextBytes + 128) <= messageBytes)
        precondition(pingEchoBytes < unauthenticatedMessageBytes)
        precondition(engineIOPayloadBytes <= messageBytes && engineIOPayloadBytes <= privateQueueBytes)
        precondition(socketIOAttachmentBytes <= messageBytes)
        precondition(engineIOPingTimeoutMilliseconds < engineIOCloseMilliseconds)
        precondition(eyenetWaitingBytes < privateQueueBytes)
        precondition(jwkIDBytes < jwkBytes && jwkBytes < unauthenticatedMessageBytes)
        precondition(apiKeyRatePerMinute <= apiKeyRateMost && apiKeyRateMost <= Int(UInt32.max))
        // The first pieces of replays of all rooms at once find room in the private queue.
        precondition(BaseRoom.allCases.count * replayBytes < privateQueueBytes)
        precondition(parkedBytes + replayBytes < privateQueueBytes)
        precondition(notificationTitleBytes + notificationMessageBytes < replayBytes)
        precondition(predictionResults * (predictionLabelBytes + 64) + alertMessageBytes < replayBytes)
        precondition(badMessagesBeforeClose > messagesPerConnectionPerMinute)
        precondition(controlFramesPerMinute > 4 * 60 / heartbeatSeconds)
        precondition(heartbeatSeconds * 3 < leaseSeconds + heartbeatSeconds)
        precondition(qubixCheckSeconds <= qubixPingSeconds)
        precondition(reconnectBaseMilliseconds < reconnectCapMilliseconds)
        precondition(reconnectCapMilliseconds < leaseSeconds * 1000)
        precondition(leaseSeconds <= taskLeaseSeconds, "a node is offline before its tasks are lost")
        precondition(leaseStopPercent < leaseKillPercent && leaseKillPercent < 100)
        precondition(2 * (taskInputBytes + taskArguments * argumentTextBytes) <= messageBytes)
        precondition(taskValueDepth + 4 <= jsonDepth)
        precondition(2 * taskOutputBytes + 6 * logChunkBytes <= messageBytes)
        precondition(runsPerNode * 2 * taskOutputBytes <= resultJournalBytes, "every run's result finds room")
        precondition(argumentTextBytes <= runnerWordBytes && logChunkBytes <= unsentLogBytes)
        precondition(stageBytes + taskMessageBytes <= progressMessageBytes)
        precondition(gpusPerNode <= UInt64.bitWidth, "a placement names its GPUs by the bits of a word")
        precondition(nodes < 1 << 24, "a node's place in the order of ties has 24 bits")
        // The dearest place in micro-credits, with the most that hazard may add to it.
        precondition(priceMicros * Int64(gpusPerNode) <= Int64.max / (2 * hazardFactor))
    }
}
