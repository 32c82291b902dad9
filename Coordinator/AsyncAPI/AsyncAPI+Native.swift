internal import Grid

/// What clients of the native dialect say, and what they are answered (docs/protocol.md).
extension AsyncAPI {
    static let native = Channel(
        "native", at: "/ws", "NeuroGrid",
        "The native protocol: a token first, then rooms, each a stream of events that can be resumed.",
        [
            Operation(
                "ask", by: .client, "What a client may say",
                [authenticate, joinRoom, leaveRoom, nativePing]),
            Operation(
                "answer", by: .coordinator, "What it is answered, and told about its own connection",
                [
                    authResponse, authError, connected, roomJoined, roomLeft, nativeError, rateLimitExceeded,
                    conflated, resumeTicket, nativePong,
                ]),
        ] + nativeRooms)

    /// The native events for clients that only listen.
    static let stream = Channel(
        "events", dialect: "native", at: "/events", "NeuroGrid as Server-Sent Events",
        """
        GET /events?rooms=nodes,tasks: the same rooms and messages over HTTP. `data` is the message, `event` its type, \
        and `id` what a client comes back with as Last-Event-ID.
        """,
        security: ["bearer", "token"],
        [
            Operation(
                "answer", by: .coordinator, "How the stream begins, and how it ends",
                [roomJoined, conflatedStream, resumeTicket, authError]),
            Operation(
                "tell", by: .coordinator, "The events of the rooms that were asked for",
                nativeRooms.flatMap(\.messages)),
        ])

    /// A message with its `data`; the coordinator's are closed.
    private static func said(_ type: String, _ data: JSONSchema) -> JSONSchema {
        .object(["type": .constant(type), "data": data])
    }

    private static func asked(_ type: String, _ data: JSONSchema) -> JSONSchema {
        .read(["type": .constant(type), "data": data])
    }

    private static let roomName: JSONSchema = .string(to: Limits.roomNameBytes)
    private static let refusal: JSONSchema.Fields = ["code": .shared("Code"), "message": .string]

    // MARK: Clients

    private static let authenticate = Message(
        "authenticate", "Who the client is", golden: "native/authenticate",
        #"""
        {"type":"authenticate","data":{"token":"your-jwt-token-here"}}
        """#,
        payload: asked("authenticate", .read(["token": .string.meaning("A JSON Web Token")])))

    private static let joinRoom = Message(
        "join_room", "Tell me of a room's events; again: with another filter", golden: "native/join_room_filters",
        #"""
        {"type":"join_room","data":{"room":"nodes","filters":{"regions":["us-east-1","eu-west-1"],"status":[
        "online","busy"],"node_ids":["0f8fad5b-d9cb-469f-a165-70867728950e"],"user_id":"user456"}}}
        """#,
        payload: asked(
            "join_room",
            .read(
                ["room": roomName],
                optional: [
                    "filters": filters,
                    "since": JSONSchema.read(position).meaning("Where the client left off"),
                ])))

    /// Unknown keys are refused here.
    private static let filters: JSONSchema = {
        func texts(_ item: JSONSchema) -> JSONSchema {
            .either(item, .list(of: item, to: Limits.filterValues), .null)
        }
        let region: JSONSchema = texts(.string(to: Limits.regionBytes))
        return .object(
            [:],
            optional: [
                "regions": region, "region": region, "status": region, "node_ids": texts(.uuid),
                "node_id": texts(.uuid), "user_id": JSONSchema.string(to: Limits.userIDBytes).orNull,
            ])
    }()

    private static let leaveRoom = Message(
        "leave_room", "No more of that room", golden: "native/leave_room",
        #"""
        {"type":"leave_room","data":{"room":"nodes"}}
        """#,
        payload: asked("leave_room", .read(["room": roomName])))

    private static let nativePing = Message(
        "ping", "Are you there", golden: "native/ping_data",
        #"""
        {"type":"ping","data":{"n":1}}
        """#,
        payload: .read(
            ["type": .constant("ping")],
            optional: ["data": .any.meaning("To be echoed: at most \(Limits.pingEchoBytes) bytes")]))

    // MARK: Answers

    private static let authResponse = Message(
        "auth_response", "The token was taken", golden: "native/auth_response",
        #"""
        {"type":"auth_response","success":true,"data":{"user_id":"user123",
        "session_id":"c56a4180-65aa-42ec-a945-5fd21dec0538","permissions":["task:submit","node:read"],
        "success":true}}
        """#,
        payload: .object([
            "type": .constant("auth_response"), "success": .constant(true),
            "data": .object([
                "user_id": .string, "session_id": .uuid, "permissions": .list(of: .string), "success": .constant(true),
            ]),
        ]))

    private static let authError = Message(
        "auth_error", "The token was not taken, or is good no longer", golden: "native/auth_error",
        #"""
        {"type":"auth_error","data":{"code":"INVALID_TOKEN","message":"JWT token is invalid or expired",
        "action":"redirect_to_login"}}
        """#,
        payload: said(
            "auth_error",
            .object(refusal + ["action": .one(of: ["redirect_to_login", "authenticate", "none"])])))

    private static let connected = Message(
        "connected", "The session is open", golden: "native/connected",
        #"""
        {"type":"connected","data":{"connection_id":"9b2c1f6e-0a4d-4e3b-8c7d-5e6f1a2b3c4d",
        "server_time":"2024-01-15T10:30:00.000Z","api_version":"1.0.0"}}
        """#,
        payload: said("connected", .object(["connection_id": .uuid, "server_time": .time, "api_version": .string])))

    private static let roomJoined = Message(
        "room_joined", "What follows of the room stands behind that position", golden: "native/room_joined_gap",
        #"""
        {"type":"room_joined","data":{"room":"nodes","epoch":2251799813685248,"offset":1200,"recovered":false,
        "gap":{"from":{"epoch":2251799813685248,"offset":41},"to":{"epoch":2251799813685248,"offset":1200},
        "cause":"trimmed"}}}
        """#,
        payload: said(
            "room_joined",
            .object(
                ["room": roomName] + position,
                optional: [
                    "recovered": .boolean.meaning("Whether everything since the position asked for follows"),
                    "gap": .object([
                        "from": .shared("Position"), "to": .shared("Position"),
                        "cause": .one(of: LogGap.Cause.allCases.map(\.rawValue)),
                    ]),
                ])))

    private static let roomLeft = Message(
        "room_left", "No more of that room follows", golden: "native/room_left",
        #"""
        {"type":"room_left","data":{"room":"nodes"}}
        """#,
        payload: said("room_left", .object(["room": roomName])))

    private static let nativeError = Message(
        "error", "A message was refused; the connection stays", golden: "native/error_retry",
        #"""
        {"type":"error","data":{"code":"CONNECTION_FAILED","message":"the coordinator is shutting down",
        "retry_in":5000}}
        """#,
        payload: said(
            "error", .object(refusal, optional: ["retry_in": .natural.meaning("Milliseconds until it may go better")])))

    private static let rateLimitExceeded = Message(
        "rate_limit_exceeded", "More than a limit allows; the message was dropped",
        golden: "native/rate_limit_exceeded",
        #"""
        {"type":"rate_limit_exceeded","data":{"code":"TOO_MANY_REQUESTS","message":"Rate limit exceeded",
        "reset_time":"2024-01-15T10:31:00.000Z","limit":100,"remaining":0}}
        """#,
        payload: said(
            "rate_limit_exceeded",
            .object(refusal + ["reset_time": .time, "limit": .natural, "remaining": .natural])))

    private static let conflated = Message(
        "conflated", "Events were left out for newer ones: the client reads too slowly", golden: "native/conflated",
        #"""
        {"type":"conflated","data":{"room":"nodes","skipped":1240,"from_offset":42,"to_offset":1330}}
        """#,
        payload: said(
            "conflated",
            .object(["room": roomName, "skipped": .natural, "from_offset": .natural, "to_offset": .natural])))

    private static let conflatedStream = Message(
        "conflated_stream", named: "conflated", "The same of a stream of several rooms",
        golden: "native/conflated_stream",
        #"""
        {"type":"conflated","data":{"skipped":1240}}
        """#,
        payload: said("conflated", .object(["skipped": .natural])))

    private static let resumeTicket = Message(
        "resume_ticket", "The connection is about to be closed; where to go on", golden: "native/resume_ticket",
        #"""
        {"type":"resume_ticket","data":{"reason":"slow","retry_after_ms":1875,"rooms":[{"room":"nodes",
        "epoch":2251799813685248,"offset":1330},{"room":"general","epoch":2251799813685249,"offset":7}]}}
        """#,
        payload: said(
            "resume_ticket",
            .object([
                "reason": .one(of: ["slow", "drain"]), "retry_after_ms": .natural,
                "rooms": .list(of: .object(["room": roomName] + position)),
            ])))

    private static let nativePong = Message(
        "pong", "I am, and that was your data", golden: "native/pong_echo",
        #"""
        {"type":"pong","timestamp":"2024-01-15T10:30:00.000Z","data":{"timestamp":"2024-01-15T10:30:00.000Z",
        "echo":{"n":1}}}
        """#,
        payload: .object([
            "type": .constant("pong"), "timestamp": .time,
            "data": .object(["timestamp": .time], optional: ["echo": .any]),
        ]))
}
