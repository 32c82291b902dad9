internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Store
internal import Wire

/// What `/metrics` says: the measures of all threads, merged and named.
///
/// Nothing here is per node, user or room of one node: the number of series depends on the program alone and on how
/// many loops there are.
struct MetricsPage {
    private var text = MetricsText()

    /// Writes the page of one scrape.
    ///
    /// - Parameters:
    ///   - unanswered: threads that were asked and have not answered in time.
    ///   - startedAt: when the process started, in milliseconds since 1970.
    static func write(
        loops: [LoopMeasures], hub: HubMeasures?, unanswered: Int, startedAt: Timestamp, isReady: Bool
    ) -> ByteBuffer {
        var page = MetricsPage()
        page.program(startedAt: startedAt, isReady: isReady, unanswered: unanswered)
        page.process(startedAt: startedAt)
        let ordered = loops.sorted { $0.index < $1.index }
        page.connections(ordered)
        page.fanout(ordered)
        page.loops(ordered)
        if let hub {
            page.events(hub)
            page.hub(hub)
            page.nodes(hub.counts)
            page.tasks(hub.counts)
            page.store(hub)
        }
        return page.text.buffer
    }

    private mutating func program(startedAt: Timestamp, isReady: Bool, unanswered: Int) {
        text.family("neurogrid_build_info", .gauge, "The program that answers.")
        text.sample(1, ["version": productVersion])
        text.metric("neurogrid_ready", .gauge, "Whether new work is taken.", isReady ? 1 : 0)
        text.metric(
            "neurogrid_scrape_unanswered", .gauge, "Threads that did not answer this scrape in time.", unanswered)
    }

    private mutating func process(startedAt: Timestamp) {
        let process = ProcessReadings()
        text.family("process_cpu_seconds_total", .counter, "User and system CPU time spent.")
        text.sample(process.cpuSeconds)
        text.metric("process_open_fds", .gauge, "Open file descriptors.", process.openDescriptors)
        text.metric("process_max_fds", .gauge, "File descriptors that may be open.", process.maximumDescriptors)
        text.metric("process_virtual_memory_bytes", .gauge, "Virtual memory.", process.virtualBytes)
        text.metric("process_resident_memory_bytes", .gauge, "Resident memory.", process.residentBytes)
        text.family("process_start_time_seconds", .gauge, "Start of the process since 1970.")
        text.sample(Double(startedAt.milliseconds) / 1000)
    }

    // MARK: Connections

    private mutating func connections(_ loops: [LoopMeasures]) {
        var counters = EdgeCounters()
        for loop in loops { counters.merge(loop.counters) }
        roles("neurogrid_connections", .gauge, "Open connections.", counters.open)
        roles("neurogrid_upgrades_total", .counter, "Upgrades to WebSocket.", counters.upgrades)
        text.tally(
            "neurogrid_connections_refused_total", .counter, "Connections and upgrades turned away.",
            label: "reason", counters.refusals)
        text.tally(
            "neurogrid_connections_ended_total", .counter, "WebSocket connections that ended.", label: "reason",
            counters.endings)
        roles("neurogrid_messages_received_total", .counter, "Messages of peers.", counters.messages)
        roles("neurogrid_received_bytes_total", .counter, "Bytes of peers.", counters.receivedBytes)
        text.tally(
            "neurogrid_violations_total", .counter, "What peers did that they should not.", label: "reason",
            counters.violations)
        text.family("neurogrid_authentications_total", .counter, "Tokens that clients showed.")
        text.sample(counters.authentications, ["result": "accepted"])
        text.sample(counters.failedAuthentications, ["result": "refused"])
        text.family("neurogrid_http_responses_total", .counter, "Answers to HTTP requests.")
        for hundred in 1...5 { text.sample(counters.responses[hundred], ["code": "\(hundred)xx"]) }
        text.durations("neurogrid_handshake_seconds", "From accept to upgrade.", counters.handshakes)
        text.metric(
            "neurogrid_unfinished_bytes", .gauge, "Bytes kept of messages that are not whole.",
            UInt64(max(0, loops.first?.unfinishedBytes ?? 0)))
        text.metric(
            "neurogrid_sealed_events_total", .counter, "Events of which a copy was encrypted for one client.",
            counters.sealedEvents)
        text.metric(
            "neurogrid_hub_congestions_total", .counter, "Times a loop stopped reading because the Hub had no room.",
            counters.congestions)
    }

    private mutating func roles(
        _ name: String, _ kind: MetricsText.Kind, _ help: String, _ tally: Tally<ConnectionRole>
    ) {
        text.family(name, kind, help)
        for role in ConnectionRole.allCases {
            text.sample(tally[role], ["dialect": role.rawValue, "role": role.role])
        }
    }

    // MARK: Fan-out

    private mutating func fanout(_ loops: [LoopMeasures]) {
        func sum(_ value: (LoopFanout.Statistics) -> UInt64) -> UInt64 { loops.reduce(0) { $0 &+ value($1.fanout) } }
        text.metric(
            "neurogrid_deliveries_total", .counter, "Events handed to subscribers' sockets.", sum(\.deliveries))
        text.metric(
            "neurogrid_delivered_bytes_total", .counter, "Their bytes, frames included.", sum(\.deliveredBytes))
        text.metric("neurogrid_delivery_writes_total", .counter, "System calls for them.", sum(\.writes))
        text.metric(
            "neurogrid_blocked_writes_total", .counter, "Times a subscriber's socket took no more.", sum(\.blocked))
        text.metric(
            "neurogrid_conflations_total", .counter, "Times a subscriber was too far behind for getting everything.",
            sum(\.conflations))
        text.metric(
            "neurogrid_skipped_events_total", .counter, "Events that subscribers were told they do not get.",
            sum(\.skippedFrames))
        text.family("neurogrid_slow_closes_total", .counter, "Subscribers that were too slow to stay.")
        for cause in SlowCause.allCases {
            text.sample(sum { $0.slowEnds[Int(cause.rawValue)] }, ["cause": "\(cause)"])
        }
        text.metric(
            "neurogrid_laggards", .gauge, "Subscribers that have not had everything.",
            loops.reduce(0) { $0 + $1.laggards.laggards })
        text.metric(
            "neurogrid_conflated_laggards", .gauge, "Those of them that get the newest events only.",
            loops.reduce(0) { $0 + $1.laggards.conflated })
        text.metric(
            "neurogrid_laggard_bytes", .gauge, "Bytes between the furthest behind and the newest frame.",
            loops.reduce(0) { max($0, $1.laggards.bytes) })
        text.family("neurogrid_laggard_age_seconds", .gauge, "Age of the oldest lag.")
        text.sample(nanoseconds: loops.reduce(0) { max($0, $1.laggards.oldestNanoseconds) })
        var latencies = Histogram.durations
        for loop in loops { latencies.merge(loop.fanout.latencies) }
        text.durations(
            "neurogrid_fanout_seconds", "From a sample's arrival to the last subscriber of a loop who keeps up.",
            latencies)
    }

    // MARK: Loops

    private mutating func loops(_ loops: [LoopMeasures]) {
        func each(
            _ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: (LoopMeasures) -> UInt64
        ) {
            text.family(name, kind, help)
            for loop in loops { text.sample(value(loop), ["loop": "\(loop.index)"]) }
        }
        each("neurogrid_loop_turns_total", .counter, "Turns.") { $0.loop.turns }
        each("neurogrid_loop_wakeups_total", .counter, "Wakeups from sleep.") { $0.loop.wakeups }
        each("neurogrid_loop_accepted_total", .counter, "Connections accepted.") { $0.loop.accepted }
        each("neurogrid_loop_shed_total", .counter, "Connections closed for want of descriptors.") { $0.loop.shed }
        each("neurogrid_loop_mailbox_messages", .gauge, "Messages that wait for the loop.") {
            UInt64($0.mailboxDepth)
        }
        text.family("neurogrid_loop_mailbox_wait_seconds", .gauge, "How long this scrape waited among them.")
        for loop in loops { text.sample(nanoseconds: loop.mailboxNanoseconds, ["loop": "\(loop.index)"]) }
        text.family("neurogrid_loop_busy_seconds_total", .counter, "Time not spent waiting.")
        for loop in loops { text.sample(nanoseconds: loop.loop.busyNanoseconds, ["loop": "\(loop.index)"]) }
        var turns = Histogram.durations
        for loop in loops { turns.merge(loop.loop.turnDurations) }
        text.durations(
            "neurogrid_loop_turn_seconds", "How long turns took, which is how late an input can have been seen.",
            turns)
    }

    // MARK: Events and the Hub

    private mutating func events(_ hub: HubMeasures) {
        text.family("neurogrid_events_published_total", .counter, "Events that somebody listened to.")
        for room in BaseRoom.allCases {
            text.sample(hub.publisher.publishedByRoom[Int(room.rawValue)], ["room": room.name])
        }
        text.family("neurogrid_encodes_total", .counter, "Encodings, one an event and dialect.")
        for dialect in Dialect.allCases {
            text.sample(hub.publisher.encodedByDialect[Int(dialect.rawValue)], ["dialect": "\(dialect.name)"])
        }
        text.family("neurogrid_encodes_per_event", .gauge, "Encodings for each event that somebody listened to.")
        let published = hub.publisher.publishedByRoom.reduce(0, +)
        for dialect in Dialect.allCases {
            let encoded = hub.publisher.encodedByDialect[Int(dialect.rawValue)]
            text.sample(published == 0 ? 0 : Double(encoded) / Double(published), ["dialect": "\(dialect.name)"])
        }
        text.metric(
            "neurogrid_encoded_bytes_total", .counter, "Bytes of the encodings.", hub.publisher.encodedBytes)
        text.metric(
            "neurogrid_compressions_total", .counter, "Compressions, one an event and dialect.", hub.compressions)
    }

    private mutating func hub(_ hub: HubMeasures) {
        text.metric(
            "neurogrid_hub_events_total", .counter, "Events applied, the samples of a turn as one.", hub.events)
        text.durations("neurogrid_hub_batch_seconds", "What a batch of events took to apply.", hub.batches)
        text.durations(
            "neurogrid_hub_sample_wait_seconds", "From samples' arrival to their being applied.", hub.sampleWaits)
        text.metric("neurogrid_hub_mailbox_messages", .gauge, "Messages that wait for the Hub.", hub.mailboxDepth)
        text.family("neurogrid_hub_mailbox_wait_seconds", .gauge, "How long this scrape waited among them.")
        text.sample(nanoseconds: hub.mailboxNanoseconds)
        text.metric("neurogrid_hub_held_promises", .gauge, "Applied, and waiting for a commit.", hub.heldPromises)
        text.metric("neurogrid_subscribers", .gauge, "Authenticated clients.", hub.counts.subscribers)
        text.metric("neurogrid_views", .gauge, "Distinct filters that somebody looks through.", hub.counts.views)
    }

    private mutating func nodes(_ counts: HubCounts) {
        text.metric("neurogrid_agents", .gauge, "Agents' sessions.", counts.agentSessions)
        text.metric("neurogrid_nodes_enrolled", .gauge, "Nodes that were enrolled.", counts.enrolledNodes)
        text.family("neurogrid_nodes", .gauge, "Registered nodes.")
        text.sample(counts.onlineNodes, ["status": "online"])
        text.sample(counts.busyNodes, ["status": "busy"])
        text.sample(counts.drainingNodes, ["status": "draining"])
        text.sample(counts.offlineNodes, ["status": "offline"])
        text.family("neurogrid_node_health", .gauge, "Registered nodes by what is known of their health.")
        text.sample(counts.healthyNodes, ["health": "healthy"])
        text.sample(counts.degradedNodes, ["health": "degraded"])
        text.sample(counts.unratedNodes, ["health": "unknown"])
        text.family("neurogrid_samples_total", .counter, "Agents' samples.")
        text.sample(counts.gaps.receivedSamples, ["kind": "received"])
        text.sample(counts.gaps.lateSamples, ["kind": "late"])
        text.sample(counts.gaps.duplicateSamples, ["kind": "duplicate"])
        text.sample(counts.gaps.missingSamples, ["kind": "missing"])
        text.metric("neurogrid_sample_gaps_total", .counter, "Holes in samples' numbering.", counts.gaps.gapCount)
    }

    private mutating func tasks(_ counts: HubCounts) {
        text.family("neurogrid_task_results_total", .counter, "Results of runs that agents reported.")
        text.sample(counts.results.counted, ["outcome": "counted"])
        text.sample(counts.results.repeated, ["outcome": "repeated"])
        text.sample(counts.results.refused, ["outcome": "refused"])
    }

    private mutating func store(_ hub: HubMeasures) {
        text.metric(
            "neurogrid_store_transactions_total", .counter, "Transactions on disk.", hub.store.transactions)
        text.metric("neurogrid_store_commits_total", .counter, "Commits on disk.", hub.store.commits)
        text.durations(
            "neurogrid_store_commit_seconds", "From asking for a commit to its being on disk.", hub.store.latencies)
        text.histogram(
            "neurogrid_store_batch_commits", "Commits that one transaction took.", hub.store.batches, unit: 1)
        text.metric("neurogrid_store_waiting_commits", .gauge, "Commits that wait.", hub.storeDepth)
        text.family("neurogrid_store_oldest_commit_seconds", .gauge, "Age of the oldest of them.")
        text.sample(nanoseconds: hub.storeOldestNanoseconds)
    }
}
