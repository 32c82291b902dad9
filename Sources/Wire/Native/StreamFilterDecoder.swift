import Bytes
import Grid

/// Reads the filters of a stream: an object with a room's name for each key, and that room's filter as its value.
enum StreamFilterDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [String: RoomFilter] {
        do {
            return try filters(bytes)
        } catch {
            var fault = error
            fault.refusal.code = .invalidFilter
            throw fault
        }
    }

    private static func filters(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [String: RoomFilter] {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        var filters: [String: RoomFilter] = [:]
        while let key = try reader.nextKey() {
            let room = key.string
            guard filters[room] == nil, filters.count < BaseRoom.allCases.count + Limits.filterValues else {
                throw WireError(.invalidFilter, field: "filter", "a room twice, or too many rooms")
            }
            filters[room] = try FilterDecoder.decode(&reader)
        }
        try reader.finish()
        return filters
    }
}
