internal import Bytes

/// What `GET /asyncapi.json` answers: every message of every dialect, by who says it and where (AsyncAPI 3.0).
///
/// The messages are written here, not derived from encoders: they are what clients were promised. Tests hold both
/// together, by golden messages, by what encoders write for each event, and by what decoders take.
enum AsyncAPI {
    /// A kind of message.
    struct Message: Sendable {
        /// Unlike any other in its dialect: the type, and what tells two messages of one type apart.
        let key: String
        /// The `type` on the wire.
        let name: String
        let summary: String
        /// The golden message that is its example: its file below `Tests/Fixtures/wire`, without the ending.
        let golden: String
        /// That message.
        let example: String
        let payload: JSONSchema

        init(
            _ key: String, named name: String? = nil, _ summary: String, golden: String, _ example: String,
            payload: JSONSchema
        ) {
            self.key = key
            self.name = name ?? key
            self.summary = summary
            self.golden = golden
            self.example = example
            self.payload = payload
        }
    }

    /// Who says a message.
    enum Speaker: String {
        case client, coordinator

        /// What the coordinator does with it, whose document this is.
        var action: String { self == .client ? "receive" : "send" }
    }

    /// Messages that are said on one occasion: a room's, or all that a client may ask.
    struct Operation: Sendable {
        let key: String
        let speaker: Speaker
        let summary: String
        let messages: [Message]

        init(_ key: String, by speaker: Speaker, _ summary: String, _ messages: [Message]) {
            self.key = key
            self.speaker = speaker
            self.summary = summary
            self.messages = messages
        }
    }

    /// A path of the coordinator, and what is said there.
    struct Channel: Sendable {
        let key: String
        /// Whose messages they are; two channels of one dialect share them.
        let dialect: String
        let address: String
        let title: String
        let description: String
        /// Names of ``securitySchemes``, any of which will do; none where a message tells who one is.
        let security: [String]
        let operations: [Operation]

        init(
            _ key: String, dialect: String? = nil, at address: String, _ title: String, _ description: String,
            security: [String] = [], _ operations: [Operation]
        ) {
            self.key = key
            self.dialect = dialect ?? key
            self.address = address
            self.title = title
            self.description = description
            self.security = security
            self.operations = operations
        }

        /// Its messages, each once.
        var messages: [Message] {
            var seen: Set<String> = []
            return operations.flatMap(\.messages).filter { seen.insert($0.key).inserted }
        }
    }

    /// All of them: the one place that lists them.
    static let channels: [Channel] = [native, stream, qubix, neurograph, triggerX, eyenet, agent]

    /// The whole document, put together once.
    static let document: ByteBuffer = {
        var text = ByteBuffer(capacity: 128 << 10)
        text.append(head)
        text.append(",\n\"channels\":{\n")
        text.append(channels.map(channel).joined(separator: ",\n"))
        text.append("\n},\n\"operations\":{\n")
        text.append(channels.flatMap { at in at.operations.map { operation($0, of: at) } }.joined(separator: ",\n"))
        text.append("\n},\n\"components\":{\n")
        text.append(securitySchemes)
        text.append(",\n\"schemas\":{\n")
        text.append(sharedSchemas.map { "\"\($0.key)\":" + $0.value.json }.joined(separator: ",\n"))
        text.append("\n},\n\"messages\":{\n")
        text.append(messages.joined(separator: ",\n"))
        text.append("\n}}}\n")
        return text
    }()

    // MARK: Parts

    private static let head: StaticString = #"""
        {"asyncapi":"3.0.0",
        "info":{
          "title":"NeuroGrid",
          "version":"1.0.0",
          "description":"What the coordinator and its clients say to each other. Actions are the coordinator's.",
          "license":{"name":"Apache-2.0"}
        },
        "defaultContentType":"application/json",
        "servers":{
          "plain":{"host":"127.0.0.1:3001","protocol":"ws","description":"Where the coordinator listens by default"},
          "tls":{"host":"127.0.0.1:3001","protocol":"wss","description":"The same, with a certificate configured"}
        }
        """#

    private static let securitySchemes: StaticString = #"""
        "securitySchemes":{
          "bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT"},
          "token":{"type":"httpApiKey","in":"query","name":"token","description":"The same JSON Web Token"},
          "apiKey":{"type":"httpApiKey","in":"header","name":"X-Api-Key"},
          "apiKeyQuery":{"type":"httpApiKey","in":"query","name":"api_key"}
        }
        """#

    private static func channel(_ channel: Channel) -> String {
        let messages = channel.messages.map {
            quoted($0.key) + ":" + reference("components/messages/\(channel.dialect).\($0.key)")
        }
        return quoted(channel.key) + ":{\"address\":" + quoted(channel.address) + ",\"title\":" + quoted(channel.title)
            + ",\"description\":" + quoted(channel.description) + ",\"messages\":{"
            + messages.joined(separator: ",") + "}}"
    }

    private static func operation(_ operation: Operation, of channel: Channel) -> String {
        let messages = operation.messages.map { reference("channels/\(channel.key)/messages/\($0.key)") }
        let schemes = channel.security.map { reference("components/securitySchemes/\($0)") }
        return quoted("\(channel.key).\(operation.key)") + ":{\"action\":\"\(operation.speaker.action)\",\"channel\":"
            + reference("channels/\(channel.key)") + ",\"summary\":" + quoted(operation.summary)
            + (schemes.isEmpty ? "" : ",\"security\":[" + schemes.joined(separator: ",") + "]")
            + ",\"messages\":[" + messages.joined(separator: ",") + "]}"
    }

    /// The members of `components.messages`, each message of a dialect once.
    private static var messages: [String] {
        var seen: Set<String> = []
        return channels.flatMap { channel in
            channel.messages.compactMap { message in
                let key = "\(channel.dialect).\(message.key)"
                guard seen.insert(key).inserted else { return nil }
                return quoted(key) + ":{\"name\":" + quoted(message.name) + ",\"summary\":" + quoted(message.summary)
                    + ",\"payload\":" + message.payload.json + ",\"examples\":[{\"name\":" + quoted(message.golden)
                    + ",\"payload\":" + message.example + "}]}"
            }
        }
    }

    private static func reference(_ place: String) -> String { "{\"$ref\":\"#/\(place)\"}" }

    private static func quoted(_ text: String) -> String { JSONSchema.quoted(text) }
}
