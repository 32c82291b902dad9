internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Web
internal import Wire

/// `/api/v1/websocket/…`: what there is of the NeuroGraph dialect's channels, and what is said in them.
extension Routes {
    /// `GET …/status`: how many clients there are, and what they subscribed to.
    func channelStatus(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, [])
        let roster = Self.roster(incoming)
        let summaries = Self.summaries(roster)
        let health: ServiceHealth = readiness.isHealthy ? .healthy : readiness.isReady ? .unhealthy : .draining
        return .respond(
            Self.json(200) {
                NeuroGraphCodec.status(health, connections: roster.clientCount, channels: summaries, into: &$0)
            })
    }

    /// `GET …/channels`.
    func channels(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, [])
        let summaries = Self.summaries(Self.roster(incoming))
        return .respond(Self.json(200) { NeuroGraphCodec.channels(summaries, into: &$0) })
    }

    /// `GET …/channels/{channel}`.
    func channel(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, [])
        guard let channel = EventChannel(name: name) else { throw Refusal(.notFound, "no such channel") }
        let summary = ChannelSummary(channel: channel, subscribers: Self.roster(incoming).count(channel.name))
        return .respond(Self.json(200) { NeuroGraphCodec.channel(summary, into: &$0) })
    }

    /// `POST …/broadcast`: says something in a channel, to everybody, or to one client.
    func broadcast(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, .broadcast)
        let wish = try incoming.decoded { bytes throws(WireError) in try NeuroGraphCodec.broadcast(bytes) }
        let message = ChannelMessage(channel: wish.channel, content: .broadcast(type: wish.eventType, data: wish.data))
        guard let client = wish.client else {
            let roster = Self.roster(incoming)
            let delivered = wish.channel.map { roster.count($0.name) } ?? roster.clientCount
            if wish.channel == nil { tellSilent(message, from: incoming.connection.edge) }
            return incoming.push(
                .broadcastRequested(incoming.id, message), as: .broadcast(delivered: delivered))
        }
        return .respond(try send(message, to: client, from: incoming.connection.edge))
    }

    /// To one client, whatever it subscribed to; one that has dropped gets it when it comes back.
    private func send(
        _ message: ChannelMessage, to client: UUID128, from edge: Edge
    ) throws(Refusal) -> HTTPResponse {
        let letter = Self.letter(message)
        let isHere: Bool
        switch edge.shared.clients.send(letter, to: client, now: edge.loop.now) {
        case .unknown: throw Refusal(.notFound, "no such client")
        case .kept: isHere = false
        case .here(let session):
            isHere = true
            edge.tell(session, .letter(session, client: client, letter))
        }
        return Self.json(200) { NeuroGraphCodec.delivered(isHere ? 1 : 0, in: message.channel, into: &$0) }
    }

    /// To those whom the Hub does not know, for they have said nothing.
    private func tellSilent(_ message: ChannelMessage, from edge: Edge) {
        let silent = edge.shared.clients.silent
        guard !silent.isEmpty else { return }
        let letter = Self.letter(message)
        for (client, session) in silent { edge.tell(session, .letter(session, client: client, letter)) }
    }

    private static func letter(_ message: ChannelMessage) -> ByteBuffer {
        var letter = ByteBuffer(capacity: 256)
        NeuroGraphCodec.encode(message, at: HubDesk.now().wall, into: &letter)
        return letter
    }

    /// The answer to a message that is said.
    static func broadcast(in channel: EventChannel?, as form: AnswerForm) -> HTTPResponse {
        guard case .broadcast(let delivered) = form else {
            preconditionFailure("a broadcast is answered that nobody asked for")
        }
        return json(200) { NeuroGraphCodec.delivered(delivered, in: channel, into: &$0) }
    }

    private static func roster(_ incoming: IncomingRequest) -> SubscriptionRoster {
        incoming.connection.edge.shared.roster(.neurograph)
    }

    private static func summaries(_ roster: SubscriptionRoster) -> [ChannelSummary] {
        EventChannel.allCases.map { ChannelSummary(channel: $0, subscribers: roster.count($0.name)) }
    }
}
