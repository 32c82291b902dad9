import Bytes
import Grid

@testable import Wire

/// A value for each golden message of the native dialect and of the REST interface.
enum NativeGoldens {
    static let node = AgentGoldens.node
    static let user = UserID("user123")
    static let time = SampleMaker.takenAt
    static let connection = UUID128(high: 0x9b2c_1f6e_0a4d_4e3b, low: 0x8c7d_5e6f_1a2b_3c4d)

    static let health = Health(
        score: 95, coveragePercent: 100,
        reasons: [HealthReason(code: "gpu_hot", message: "GPU 0 is at 86 °C", points: 5)])

    /// The sample was sampled at ``time``, came in 12.345 ms later and was told 55 µs after that.
    static let hops = SampleHops(
        receivedNanoseconds: 1_000_000_000,
        now: Now(monotonicNanoseconds: 1_000_055_000, wallMicroseconds: time.milliseconds * 1000 + 12_400))

    static var record: NodeRecord {
        var record = NodeRecord(
            id: node, name: "GPU-Node-NY-01", owner: UserID("user456"),
            location: NodeLocation(region: "us-east-1", city: "New York", country: "USA"),
            enrolledAt: time.adding(milliseconds: -60_000))
        record.pricePerHourMicros = 400_000
        record.registeredAt = time
        record.sessionEpoch = 3
        record.specifications = AgentGoldens.specifications
        return record
    }

    static var summary: NodeSummary {
        var summary = NodeSummary(record: record, status: .online, health: health)
        summary.statusChangedAt = time
        summary.latestSample = SampleMaker.complete()
        summary.latestDetail = SampleMaker.complete().detail
        summary.lastHeardAt = time.adding(milliseconds: 12)
        summary.isConnected = true
        summary.gaps.receivedSamples = 1040
        summary.gaps.gapCount = 1
        summary.gaps.missingSamples = 2
        summary.gaps.lastGapAt = time.adding(milliseconds: -30_000)
        return summary
    }

    /// Enrolled, never seen.
    static var silent: NodeSummary {
        var record = NodeRecord(
            id: NodeID(UUID128(high: 1, low: 2)), name: "spare", owner: UserID("user456"), location: NodeLocation(),
            enrolledAt: time)
        record.sessionEpoch = 0
        return NodeSummary(record: record, status: .offline, health: .unknown)
    }

    static func logged(_ event: RoomEvent, offset: UInt64) -> LoggedEvent {
        LoggedEvent(
            position: LogPosition(epoch: 2_251_799_813_685_248, offset: offset), at: time, facts: EventFacts(),
            event: event)
    }

    static let events = ownEvents + AlertGoldens.events

    private static let ownEvents: [(name: String, event: LoggedEvent)] = [
        (
            "node_registered",
            logged(
                .nodeRegistered(
                    NodeRegistered(
                        node: node, name: record.name, owner: record.owner,
                        specifications: AgentGoldens.specifications, location: record.location, registeredAt: time)),
                offset: 1)
        ),
        (
            "node_status",
            logged(
                .nodeStatus(
                    NodeStatusChanged(
                        node: node, status: .online, previous: .offline, currentTask: nil, updatedAt: time,
                        sample: SampleMaker.typical(gpus: 2), health: health, hops: hops)), offset: 2)
        ),
        (
            "node_status_offline",
            logged(
                .nodeStatus(
                    NodeStatusChanged(
                        node: node, status: .offline, previous: .busy, currentTask: AgentGoldens.task,
                        updatedAt: time, sample: SampleMaker.typical(gpus: 2), health: .unknown)), offset: 3)
        ),
        (
            "node_metrics",
            logged(
                .nodeMetrics(
                    NodeMetrics(
                        node: node, sample: SampleMaker.complete(), gpus: AgentGoldens.specifications.gpus,
                        health: health, hops: hops)), offset: 4)
        ),
        (
            "node_metrics_bare",
            logged(
                .nodeMetrics(
                    NodeMetrics(
                        node: node,
                        sample: NodeSample(sequence: 1, takenAt: time, intervalMilliseconds: 1500), gpus: [],
                        health: .unknown, hops: hops)), offset: 5)
        ),
        ("task_update_created", logged(.taskUpdated(TaskGoldens.created), offset: 9)),
        ("task_assigned", logged(.taskAssigned(TaskGoldens.assigned), offset: 10)),
        ("task_progress", logged(.taskProgressed(TaskGoldens.progressed), offset: 11)),
        ("task_update", logged(.taskUpdated(TaskGoldens.completed), offset: 12)),
        ("task_update_failed", logged(.taskUpdated(TaskGoldens.failed), offset: 13)),
        ("balance_update", logged(.balanceUpdated(TaskGoldens.balances), offset: 5)),
        ("payment_confirmed", logged(.paymentConfirmed(TaskGoldens.payment), offset: 6)),
        ("system_notification", logged(.systemNotification(notification), offset: 7)),
        (
            "system_notification_bare",
            logged(
                .systemNotification(
                    SystemNotification(
                        id: notification.id, content: NotificationContent(title: "Hello", message: "World"),
                        sender: user, sentAt: time)), offset: 8)
        ),
    ]

    static let notification = SystemNotification(
        id: UUID128(high: 0x6ba7_b811_9dad_41d1, low: 0x80b4_00c0_4fd4_30c8), content: content, sender: user,
        requestKey: "kept to itself", sentAt: time)

    static let content = NotificationContent(
        level: .warning, title: "Scheduled Maintenance",
        message: "Platform maintenance scheduled for Jan 16, 02:00 UTC",
        scheduledTime: Timestamp(milliseconds: 1_705_370_400_000), estimatedDurationSeconds: 3600,
        affectedServices: ["task_routing", "payment_processing"])

    static let replies: [(name: String, reply: NativeReply)] = [
        (
            "auth_response",
            .authResponse(user: user, session: AgentGoldens.session, permissions: [.taskSubmit, .nodeRead])
        ),
        ("auth_error", .authError(Refusal(.invalidToken, "JWT token is invalid or expired"))),
        ("auth_error_timeout", .authError(Refusal(.authTimeout, "no authentication in time"))),
        ("connected", .connected(connection: connection, serverTime: time)),
        (
            "room_joined",
            .roomJoined(name: "nodes", position: LogPosition(epoch: 2_251_799_813_685_248, offset: 41), recovery: nil)
        ),
        (
            "room_joined_since",
            .roomJoined(
                name: "nodes", position: LogPosition(epoch: 2_251_799_813_685_248, offset: 41), recovery: .whole)
        ),
        (
            "room_joined_gap",
            .roomJoined(
                name: "nodes", position: LogPosition(epoch: 2_251_799_813_685_248, offset: 1200),
                recovery: .partial(
                    LogGap(
                        from: LogPosition(epoch: 2_251_799_813_685_248, offset: 41),
                        to: LogPosition(epoch: 2_251_799_813_685_248, offset: 1200), cause: .trimmed)))
        ),
        ("room_left", .roomLeft(name: "nodes")),
        ("error", .error(Refusal(.unknownRoom, "no room \"nosuch\""), retryMilliseconds: nil)),
        (
            "error_retry",
            .error(Refusal(.connectionFailed, "the coordinator is shutting down"), retryMilliseconds: 5000)
        ),
        (
            "rate_limit_exceeded",
            .rateLimitExceeded(
                message: "Rate limit exceeded", resetTime: time.adding(milliseconds: 60_000), limit: 100,
                remaining: 0)
        ),
        ("conflated", .conflated(room: .nodes, skipped: 1240, from: 42, to: 1330)),
        ("conflated_stream", .streamConflated(skipped: 1240)),
        (
            "resume_ticket",
            .resumeTicket(
                .slow, retryMilliseconds: 1875,
                rooms: [
                    RoomPosition(room: .nodes, position: LogPosition(epoch: 2_251_799_813_685_248, offset: 1330)),
                    RoomPosition(room: .general, position: LogPosition(epoch: 2_251_799_813_685_249, offset: 7)),
                ])
        ),
        (
            "resume_ticket_drain",
            .resumeTicket(
                .drain, retryMilliseconds: 3120,
                rooms: [
                    RoomPosition(room: .nodes, position: LogPosition(epoch: 2_251_799_813_685_248, offset: 41))
                ])
        ),
        ("pong", .pong(time: time, echo: nil)),
        ("pong_echo", .pong(time: time, echo: Array("{\"n\":1}".utf8))),
    ]

    static var filter: RoomFilter {
        var filter = RoomFilter()
        filter.regions = ["us-east-1", "eu-west-1"]
        filter.statuses = ["online", "busy"]
        filter.nodeIDs = [node]
        filter.userID = UserID("user456")
        return filter
    }

    static let clientMessages: [(name: String, message: ClientMessage)] = [
        ("authenticate", .authenticate(token: "your-jwt-token-here")),
        ("join_room", .joinRoom(RoomJoin(roomName: "nodes"))),
        ("join_room_filters", .joinRoom(RoomJoin(roomName: "nodes", filter: filter))),
        (
            "join_room_since",
            .joinRoom(
                RoomJoin(
                    roomName: "node:\(node)", since: LogPosition(epoch: 2_251_799_813_685_248, offset: 41)))
        ),
        ("leave_room", .leaveRoom(name: "nodes")),
        ("ping", .ping(data: nil)),
        ("ping_data", .ping(data: Array("{\"n\":1}".utf8))),
    ]

    static let bodies = ownBodies + AlertGoldens.bodies

    private static let ownBodies: [(name: String, write: @Sendable (inout ByteBuffer) -> Void)] = [
        ("nodes", { RESTCodec.nodes([summary, silent], next: nil, into: &$0) }),
        ("node", { RESTCodec.node(summary, into: &$0) }),
        ("node_silent", { RESTCodec.node(silent, into: &$0) }),
        // What a client sends, read back by `NotificationDecoderTests`.
        (
            "notification",
            { buffer in
                buffer.append(
                    """
                    {"level":"warning","title":"Scheduled Maintenance",\
                    "message":"Platform maintenance scheduled for Jan 16, 02:00 UTC",\
                    "scheduled_time":"2024-01-16T02:00:00.000Z","estimated_duration":3600,\
                    "affected_services":["task_routing","payment_processing"]}
                    """ as String)
            }
        ),
        (
            "notified",
            {
                RESTCodec.notified(
                    notification.id, at: LogPosition(epoch: 2_251_799_813_685_248, offset: 7), into: &$0)
            }
        ),
        ("error", { RESTCodec.error(Refusal(.notFound, "no such node"), into: &$0) }),
        ("healthz", { RESTCodec.liveness(into: &$0) }),
        ("readyz", { RESTCodec.readiness(refusedBecause: nil, into: &$0) }),
        ("readyz_draining", { RESTCodec.readiness(refusedBecause: "draining", into: &$0) }),
    ]
}
