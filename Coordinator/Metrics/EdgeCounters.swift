internal import Grid
internal import Reactor
internal import Wire

/// What one loop counts of its connections: plain fields of its own thread, copied when `/metrics` asks.
struct EdgeCounters: Sendable {
    /// Open connections by what they have become.
    var open = Tally<ConnectionRole>()
    /// Upgrades to WebSocket.
    var upgrades = Tally<ConnectionRole>()
    /// Connections and upgrades that were turned away.
    var refusals = Tally<ConnectionRefusal>()
    /// Ended WebSocket connections.
    var endings = Tally<ConnectionEnding>()
    /// Messages of peers.
    var messages = Tally<ConnectionRole>()
    /// Bytes of peers, as they came off their sockets.
    var receivedBytes = Tally<ConnectionRole>()
    /// What peers did that they should not.
    var violations = Tally<Violation>()
    /// Tokens that were taken.
    var authentications: UInt64 = 0
    /// Tokens that were not.
    var failedAuthentications: UInt64 = 0
    /// Requests that were answered, by the hundreds of their status.
    var responses: [UInt64] = [0, 0, 0, 0, 0, 0]
    /// From accept to upgrade, in nanoseconds.
    var handshakes = Histogram.durations
    /// Events of which a copy was encrypted for one client.
    var sealedEvents: UInt64 = 0
    /// Times that the Hub had no room, so that the loop stopped reading.
    var congestions: UInt64 = 0

    mutating func merge(_ other: EdgeCounters) {
        open.merge(other.open)
        upgrades.merge(other.upgrades)
        refusals.merge(other.refusals)
        endings.merge(other.endings)
        messages.merge(other.messages)
        receivedBytes.merge(other.receivedBytes)
        violations.merge(other.violations)
        authentications += other.authentications
        failedAuthentications += other.failedAuthentications
        for index in responses.indices { responses[index] += other.responses[index] }
        handshakes.merge(other.handshakes)
        congestions += other.congestions
        sealedEvents += other.sealedEvents
    }
}

/// What can be counted apart: the raw value is the label.
protocol Countable: CaseIterable, RawRepresentable, Sendable where RawValue == String, AllCases == [Self] {
    /// Its place among all cases.
    var index: Int { get }
}

/// A count for each case of a closed set.
struct Tally<Key: Countable>: Sendable {
    private var counts = [UInt64](repeating: 0, count: Key.allCases.count)

    subscript(key: Key) -> UInt64 {
        get { counts[key.index] }
        set { counts[key.index] = newValue }
    }

    mutating func merge(_ other: Tally) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
    }
}

/// What a connection has become.
enum ConnectionRole: String, Countable {
    /// Not upgraded.
    case http
    /// A subscriber that speaks the native dialect.
    case native
    /// A subscriber that reads Server-Sent Events.
    case events
    case agent
    /// A subscriber that speaks QUBIX.
    case qubix
    /// A subscriber that speaks NeuroGraph.
    case neurograph
    /// A subscriber that speaks TriggerX.
    case triggerx
    /// The WebSocket of a subscriber that speaks EyeNet.
    case eyenet

    var index: Int {
        switch self {
        case .http: 0
        case .native: 1
        case .events: 2
        case .agent: 3
        case .qubix: 4
        case .neurograph: 5
        case .triggerx: 6
        case .eyenet: 7
        }
    }

    /// A subscriber's, by what it speaks.
    init(_ dialect: Dialect) {
        switch dialect {
        case .native: self = .native
        case .qubix: self = .qubix
        case .neurograph: self = .neurograph
        case .triggerx: self = .triggerx
        case .eyenet: self = .eyenet
        }
    }

    /// What it does, whatever its dialect.
    var role: String {
        switch self {
        case .http: "request"
        case .native, .events, .qubix, .neurograph, .triggerx, .eyenet: "subscriber"
        case .agent: "agent"
        }
    }
}

/// Why a connection or an upgrade was turned away.
enum ConnectionRefusal: String, Countable {
    /// As many connections are open as may be.
    case full
    case addressRate = "address_rate"
    case addressConnections = "address_connections"
    case failedHandshakes = "failed_handshakes"
    case origin
    case subprotocol
    case draining
    /// More sessions begin at once than one loop lets in.
    case overload
    /// An agent without the certificate that is asked for.
    case certificate
    /// Without an API key, with one that is not good, or beyond its rate.
    case apiKey = "api_key"
    /// As many connections speak the dialect as may.
    case dialectConnections = "dialect_connections"

    var index: Int {
        switch self {
        case .full: 0
        case .addressRate: 1
        case .addressConnections: 2
        case .failedHandshakes: 3
        case .origin: 4
        case .subprotocol: 5
        case .draining: 6
        case .overload: 7
        case .certificate: 8
        case .apiKey: 9
        case .dialectConnections: 10
        }
    }
}

/// What a peer did that it should not.
enum Violation: String, Countable {
    /// A message beyond the messages a minute.
    case messageRate = "message_rate"
    /// More bytes than the messages a minute could have.
    case byteRate = "byte_rate"
    /// Pings or pongs beyond those a minute.
    case controlRate = "control_rate"
    /// A message that could not be read or had no place.
    case badMessage = "bad_message"
    /// A message that was not whole in time.
    case slowMessage = "slow_message"
    /// The largest of too many unfinished messages.
    case unfinished
    /// What a run wrote beyond its node's log budget.
    case logRate = "log_rate"
    /// A connection closed because it went on.
    case punished
    /// A subscription beyond those of a client.
    case subscriptions

    var index: Int {
        switch self {
        case .messageRate: 0
        case .byteRate: 1
        case .controlRate: 2
        case .badMessage: 3
        case .slowMessage: 4
        case .unfinished: 5
        case .logRate: 6
        case .punished: 7
        case .subscriptions: 8
        }
    }
}
