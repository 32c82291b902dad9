internal import Grid

/// The NeuroGraph dialect (docs/protocol-neurograph.md).
extension AsyncAPI {
    static let neurograph = Channel(
        "neurograph", at: "/neurograph/ws", "NeuroGraph",
        """
        For clients written for NeuroGraph; `/ws?token=` is the same. Six channels. Who has the permission to \
        broadcast may tell of any `event_type`; one that has a name of ours has its channel, and at least what names \
        its subject.
        """,
        security: ["bearer", "token"],
        [
            Operation(
                "ask", by: .client, "What a client may say",
                [graphSubscribe, graphUnsubscribe, getSubscriptions, graphPing]),
            Operation(
                "answer", by: .coordinator, "What it is answered, and told about its own connection",
                [
                    graphConnected, graphSubscribed, graphUnsubscribed, subscriptions, graphPong, bufferOverflow,
                    graphError,
                ]),
            Operation("metrics", by: .coordinator, "Channel metrics; needs node:read", [systemMetrics, broadcast]),
            Operation(
                "signals", by: .coordinator, "Channel signals; needs node:read",
                [graphAlertNew, graphAlertUpdate, graphPrediction, broadcast]),
            Operation(
                "actions", by: .coordinator, "Channel actions: one's own tasks; needs task:submit",
                [
                    graphTaskCreated, graphTaskAssigned, graphTaskStatus, graphTaskProgress, graphTaskFee,
                    graphTaskCompleted, actionExecuted, broadcast,
                ]),
            Operation("logs", by: .coordinator, "Channel logs; needs admin", [graphLog, broadcast]),
            Operation(
                "status", by: .coordinator, "Channel status; needs node:read",
                [graphNodeRegistered, graphNodeStatus, graphNotification, graphTopology, broadcast]),
            Operation(
                "connections", by: .coordinator, "Channel connections; needs admin",
                [clientConnected, clientDisconnected, broadcast]),
            Operation("everybody", by: .coordinator, "What is said to everybody", [broadcast]),
        ])

    private static let channelName: JSONSchema = .one(of: EventChannel.allCases.map(\.name))

    // MARK: Clients

    private static func naming(_ type: String) -> JSONSchema {
        .read(["type": .constant(type), "channels": .list(of: channelName, from: 1, to: 64)])
    }

    private static let graphSubscribe = Message(
        "subscribe", "Tell me of these channels; one that is unknown refuses all", golden: "neurograph/subscribe",
        #"""
        {"type":"subscribe","channels":["metrics","signals"]}
        """#,
        payload: naming("subscribe"))

    private static let graphUnsubscribe = Message(
        "unsubscribe", "No more of these", golden: "neurograph/unsubscribe",
        #"""
        {"type":"unsubscribe","channels":["metrics"]}
        """#,
        payload: naming("unsubscribe"))

    private static let getSubscriptions = Message(
        "get_subscriptions", "Which are mine", golden: "neurograph/get_subscriptions",
        #"""
        {"type":"get_subscriptions"}
        """#,
        payload: .read(["type": .constant("get_subscriptions")]))

    private static let graphPing = Message(
        "ping", "Are you there", golden: "neurograph/ping",
        #"""
        {"type":"ping"}
        """#,
        payload: .read(["type": .constant("ping")]))

    // MARK: Answers

    private static func listing(_ type: String) -> JSONSchema {
        .object(["type": .constant(type), "channels": .list(of: channelName), "timestamp": .time])
    }

    private static let graphConnected = Message(
        "connected", "The client's name, by which it may come back", golden: "neurograph/connected",
        #"""
        {"type":"connected","client_id":"5f0a3c1e-7d2b-4a96-b1c8-d7e6f5043921","user_id":"user123",
        "timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: .object([
            "type": .constant("connected"), "client_id": .uuid, "user_id": .string.orNull, "timestamp": .time,
        ]))

    private static let graphSubscribed = Message(
        "subscribed", "The channels of the request", golden: "neurograph/subscribed",
        #"""
        {"type":"subscribed","channels":["metrics","signals"],"timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: listing("subscribed"))

    private static let graphUnsubscribed = Message(
        "unsubscribed", "Likewise", golden: "neurograph/unsubscribed",
        #"""
        {"type":"unsubscribed","channels":["metrics"],"timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: listing("unsubscribed"))

    private static let subscriptions = Message(
        "subscriptions", "All channels of the client", golden: "neurograph/subscriptions",
        #"""
        {"type":"subscriptions","channels":["signals"],"timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: listing("subscriptions"))

    private static let graphPong = Message(
        "pong", "I am", golden: "neurograph/pong",
        #"""
        {"type":"pong","timestamp":"2024-01-15T10:30:00.000Z"}
        """#,
        payload: .object(["type": .constant("pong"), "timestamp": .time]))

    private static let bufferOverflow = Message(
        "buffer_overflow", "Of what the client missed so much is lost; the rest follows",
        golden: "neurograph/buffer_overflow",
        #"""
        {"type":"buffer_overflow","dropped":12}
        """#,
        payload: .object(["type": .constant("buffer_overflow"), "dropped": .integer(from: 1)]))

    private static let graphError = Message(
        "error", "A message was refused; the connection stays", golden: "neurograph/error",
        #"""
        {"type":"error","message":"the channel logs needs a permission that the token does not give",
        "code":"FORBIDDEN"}
        """#,
        payload: .object(["type": .constant("error"), "message": .string, "code": .shared("Code")]))
}
