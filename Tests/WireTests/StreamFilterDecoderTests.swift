import Grid
import Testing

@testable import Wire

@Suite("Stream filters")
struct StreamFilterDecoderTests {
    private func decode(_ text: String) throws(WireError) -> [String: RoomFilter] {
        let result = Array(text.utf8).withUnsafeBytes { bytes in
            Result { () throws(WireError) in try NativeCodec.streamFilters(bytes) }
        }
        return try result.get()
    }

    @Test("a filter a room, as in join_room")
    func filters() throws {
        let filters = try decode(#"{"nodes": {"region": "eu", "status": ["online", "busy"]}, "general": {}}"#)
        #expect(filters.count == 2 && filters["general"] == RoomFilter())
        #expect(filters["nodes"]?.regions == ["eu"] && filters["nodes"]?.statuses == ["online", "busy"])
        #expect(try decode("{}").isEmpty)
        #expect(try decode(#"{"nodes": null}"#) == ["nodes": RoomFilter()])
    }

    @Test(
        "whatever is wrong is an invalid filter",
        arguments: [
            "", "[]", "{", "null", #"{"nodes": 5}"#, #"{"nodes": {"colour": "red"}}"#, #"{"nodes": {"region": 5}}"#,
            #"{"nodes": {}, "nodes": {}}"#, #"{"nodes": {}} x"#, #"{"nodes": {"node_id": "x"}}"#,
        ])
    func wrong(text: String) {
        let error = #expect(throws: WireError.self) { try decode(text) }
        #expect(error?.refusal.code == .invalidFilter)
    }
}
