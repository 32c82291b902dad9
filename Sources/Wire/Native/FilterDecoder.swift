import Bytes
import Grid

/// Reads a join's `filters`: `regions`, `user_id`, `status`, `node_ids`. Lists may be written as one text.
///
/// Everything wrong with them is `INVALID_FILTER`, an unknown key included: a filter that the coordinator
/// passed over would send more than was asked for; and a key that stands twice, for its lists together could be longer
/// than one may be.
enum FilterDecoder {
    static func decode(_ reader: inout MessageReader) throws(WireError) -> RoomFilter {
        do {
            return try filter(&reader)
        } catch {
            var fault = error
            fault.refusal.code = .invalidFilter
            throw fault
        }
    }

    private enum Key { case regions, status, nodes, user }

    private static func filter(_ reader: inout MessageReader) throws(WireError) -> RoomFilter {
        var filter = RoomFilter()
        guard try reader.beginObject("filters") else { return filter }
        reader.scope = "data.filters."
        var seen: Set<Key> = []
        func once(_ key: Key, _ name: StaticString, _ reader: MessageReader) throws(WireError) {
            guard seen.insert(key).inserted else { throw reader.fault(name, "stands twice") }
        }
        while let key = try reader.nextKey() {
            switch key {
            case "regions", "region":
                try once(.regions, "regions", reader)
                try list("regions", &reader, limit: Limits.regionBytes) { region, _ in
                    filter.regions.insert(region)
                }
            case "status":
                try once(.status, "status", reader)
                try list("status", &reader, limit: Limits.regionBytes) { status, _ in
                    filter.statuses.insert(status)
                }
            case "node_ids", "node_id":
                try once(.nodes, "node_ids", reader)
                try list("node_ids", &reader, limit: UUID128.textLength) { text, reader throws(WireError) in
                    guard let node = NodeID(text) else { throw reader.fault("node_ids", "not a UUID") }
                    filter.nodeIDs.insert(node)
                }
            case "user_id":
                try once(.user, "user_id", reader)
                filter.userID = try reader.text("user_id", limit: Limits.userIDBytes).map(UserID.init)
            default:
                let name = String(key.string.prefix(32))
                throw WireError(.invalidFilter, field: "data.filters", "\"\(name)\" is not a filter")
            }
        }
        reader.scope = "data."
        return filter
    }

    /// Reads one text or an array of texts; `null` is none.
    private static func list(
        _ name: StaticString, _ reader: inout MessageReader, limit: Int,
        _ take: (String, MessageReader) throws(WireError) -> Void
    ) throws(WireError) {
        if try reader.kind() == .string {
            try take(try reader.required(reader.text(name, limit: limit), name), reader)
            return
        }
        guard try reader.beginArray(name) else { return }
        var count = 0
        while try reader.nextElement() {
            count += 1
            guard count <= Limits.filterValues else {
                throw reader.fault(name, "more than \(Limits.filterValues) values")
            }
            try take(try reader.required(reader.text(name, limit: limit), name), reader)
        }
    }
}
