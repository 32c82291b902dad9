internal import Access
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// `GET /events?rooms=nodes,general`: rooms as one stream of Server-Sent Events.
extension Routes {
    /// Decides about one request; it is answered when the Hub has looked at the rooms.
    func events(_ head: HTTPRequestHead, _ connection: EdgeConnection) -> HTTPDecision {
        var shared: [(String, String)] = []
        if let origin = head.headers["Origin"] {
            guard configuration.allowsOrigin(origin, host: head.headers["Host"]) else {
                connection.edge.counters.refusals[.origin] += 1
                return .respond(Self.refusal(403, .forbidden, "this origin is not allowed"))
            }
            shared = [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
        }
        if head.method == "OPTIONS", !shared.isEmpty { return .respond(Self.preflight(shared)) }
        let answer: HTTPResponse?
        if head.method != "GET" {
            answer = Self.methodNotAllowed("events are read by GET", allowed: "GET")
        } else if head.minorVersion == 0 {
            answer = Self.refusal(400, .badRequest, "events are sent in chunks, which HTTP/1.0 does not know")
        } else if !readiness.isReady {
            connection.edge.counters.refusals[.draining] += 1
            answer = StreamSession.comeBack([])
        } else {
            answer = open(head, shared, connection)
        }
        guard var answer else { return .later }
        answer.headers += shared
        return .respond(answer)
    }

    /// Begins the session. - Returns: the answer where there is none.
    private func open(
        _ head: HTTPRequestHead, _ shared: [(String, String)], _ connection: EdgeConnection
    ) -> HTTPResponse? {
        let request: StreamRequest
        do throws(Refusal) {
            request = StreamRequest(
                claims: try claims(head, [], takesQuery: true), rooms: try Self.rooms(head),
                since: try Self.since(head), headers: shared)
        } catch {
            return Self.refusal(error)
        }
        return connection.becomeStream(request)
    }

    /// What a browser asks before it lets a page of another origin send a token or a place.
    private static func preflight(_ shared: [(String, String)]) -> HTTPResponse {
        HTTPResponse(
            status: 204,
            headers: shared + [
                ("Access-Control-Allow-Methods", "GET"),
                ("Access-Control-Allow-Headers", "Authorization, Last-Event-ID, Cache-Control"),
                ("Access-Control-Max-Age", "600"),
            ])
    }

    /// The rooms with their filters.
    private static func rooms(_ head: HTTPRequestHead) throws(Refusal) -> [StreamRoom] {
        guard let names = try parameter("rooms", of: head, otherwise: .badRequest), !names.isEmpty else {
            throw Refusal(.badRequest, "rooms names the rooms, with commas between them")
        }
        var rooms: [StreamRoom] = []
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            guard let room = Room(String(name)) else {
                throw Refusal(.unknownRoom, "there is no room of that name")
            }
            if !rooms.contains(where: { $0.room == room }) { rooms.append(StreamRoom(room: room)) }
        }
        guard let text = try parameter("filter", of: head, otherwise: .invalidFilter) else { return rooms }
        for (name, filter) in try filters(text) {
            guard let room = Room(name), let place = rooms.firstIndex(where: { $0.room == room }) else {
                throw Refusal(.invalidFilter, "filter names a room that rooms does not name")
            }
            rooms[place].filter = filter
        }
        return rooms
    }

    private static func filters(_ text: String) throws(Refusal) -> [String: RoomFilter] {
        let result = Array(text.utf8).withUnsafeBytes { bytes in
            Result { () throws(WireError) in try NativeCodec.streamFilters(bytes) }
        }
        do { return try result.get() } catch { throw error.refusal }
    }

    /// The value of a parameter that may be there once.
    private static func parameter(
        _ name: String, of head: HTTPRequestHead, otherwise code: Refusal.Code
    ) throws(Refusal) -> String? {
        let values = head.queryValues(name)
        guard let first = values.first else { return nil }
        guard values.count == 1, let first else {
            throw Refusal(code, "\(name) is there more than once, or not readable")
        }
        return first
    }

    /// Where the client left off. Places in rooms that it no longer asks for do not matter.
    private static func since(_ head: HTTPRequestHead) throws(Refusal) -> [RoomPosition] {
        guard let text = head.headers["Last-Event-ID"], !text.isEmpty else { return [] }
        guard let positions = StreamID.positions(text) else {
            throw Refusal(.badRequest, "this Last-Event-ID is not one of ours")
        }
        return positions
    }
}
