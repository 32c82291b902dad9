import Testing

@testable import Web

@Suite("WebSocket frame headers")
struct WebSocketFrameHeaderTests {
    private func parse(
        _ hex: String, role: WebSocketRole = .server, within: Bool = false, room: Int = .max, fragments: Int = 9,
        rsv1: Bool = false
    ) throws(WebSocketError) -> WebSocketFrameHeader? {
        let context = WebSocketFrameHeader.Context(
            role: role, permitsRSV1: rsv1, isWithinMessage: within, roomBytes: room, roomFragments: fragments)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: [UInt8](hex: hex).count, alignment: 1)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: [UInt8](hex: hex))
        return try WebSocketFrameHeader(UnsafeRawBufferPointer(bytes), in: context)
    }

    private func closeCode(_ body: () throws(WebSocketError) -> WebSocketFrameHeader?) -> UInt16? {
        do throws(WebSocketError) {
            _ = try body()
            return nil
        } catch {
            return error.closeCode
        }
    }

    @Test("the three forms of the length, with and without a mask")
    func forms() throws {
        let short = try #require(try parse("81 85 01 02 03 04 99"))
        #expect((short.opcode, short.isFinal, short.payloadCount, short.byteCount) == (.text, true, 5, 6))
        #expect(short.key == 0x0403_0201)
        let middle = try #require(try parse("02 fe 01 00 01 02 03 04"))
        #expect((middle.opcode, middle.isFinal, middle.payloadCount, middle.byteCount) == (.binary, false, 256, 8))
        let long = try #require(try parse("82 7f 00 00 00 01 00 00 00 00", role: .client))
        #expect((long.payloadCount, long.byteCount, long.key) == (1 << 32, 10, 0))
        let longest = try #require(try parse("82 7f 7f ff ff ff ff ff ff ff", role: .client))
        #expect(longest.payloadCount == .max)
    }

    @Test("a header is read when it is whole and not before")
    func incomplete() throws {
        for hex in ["81 80 01 02 03 04", "81 fe 00 7e 01 02 03 04", "81 ff 00 00 00 00 00 01 00 00 01 02 03 04"] {
            let whole = [UInt8](hex: hex).count
            for count in 0..<whole { #expect(try parse(String(hex.prefix(count * 3))) == nil, "\(hex) \(count)") }
            #expect(try parse(hex) != nil)
        }
    }

    @Test("what breaks the protocol fails at the byte that does")
    func violations() {
        for opcode in ["83", "84", "85", "86", "87", "8b", "8c", "8d", "8e", "8f"] {
            #expect(closeCode { () throws(WebSocketError) in try parse(opcode) } == 1002)
        }
        for bits in ["91", "a1", "b1", "c1", "d1", "e1", "f1", "c9", "99", "a8"] {
            #expect(closeCode { () throws(WebSocketError) in try parse(bits) } == 1002)
        }
        for fragmented in ["08", "09", "0a"] {
            #expect(closeCode { () throws(WebSocketError) in try parse(fragmented) } == 1002)
        }
        for control in ["88 fe", "89 fe", "8a ff"] {
            #expect(closeCode { () throws(WebSocketError) in try parse(control) } == 1002)
        }
        #expect(closeCode { () throws(WebSocketError) in try parse("81 05") } == 1002)
        #expect(closeCode { () throws(WebSocketError) in try parse("81 85", role: .client) } == 1002)
        #expect(closeCode { () throws(WebSocketError) in try parse("80") } == 1002)
        #expect(closeCode { () throws(WebSocketError) in try parse("81", within: true) } == 1002)
        #expect(closeCode { () throws(WebSocketError) in try parse("82 fe 00 7d") } == 1002)
        #expect(closeCode { () throws(WebSocketError) in try parse("82 ff 00 00 00 00 00 00 ff ff") } == 1002)
        #expect(closeCode { () throws(WebSocketError) in try parse("82 ff 80 00 00 00 00 00 00 00") } == 1002)
        #expect(closeCode { () throws(WebSocketError) in try parse("82 ff ff ff ff ff ff ff ff ff") } == 1002)
    }

    @Test("a message beyond its room fails before its mask has come")
    func bounds() throws {
        #expect(closeCode { () throws(WebSocketError) in try parse("82 85", room: 4) } == 1009)
        #expect(
            closeCode { () throws(WebSocketError) in try parse("82 ff 7f ff ff ff ff ff ff ff", room: 1 << 20) } == 1009
        )
        #expect(closeCode { () throws(WebSocketError) in try parse("82", fragments: 0) } == 1009)
        #expect(closeCode { () throws(WebSocketError) in try parse("80", within: true, fragments: 0) } == 1009)
        #expect(closeCode { () throws(WebSocketError) in try parse("82 80", room: -1) } == 1009)
        #expect(try parse("82 84 01 02 03 04", room: 4) != nil)
        #expect(try parse("89 84 01 02 03 04", room: 0, fragments: 0) != nil)
    }

    @Test("RSV1 is allowed on the first frame of a message where it was agreed upon")
    func rsv1() throws {
        #expect(try parse("c1 80 01 02 03 04", rsv1: true)?.rsv1 == true)
        #expect(try parse("42 80 01 02 03 04", rsv1: true)?.rsv1 == true)
        #expect(try parse("81 80 01 02 03 04", rsv1: true)?.rsv1 == false)
        for hex in ["c9", "c8", "e1", "d1", "f1"] {
            #expect(closeCode { () throws(WebSocketError) in try parse(hex, rsv1: true) } == 1002)
        }
        #expect(closeCode { () throws(WebSocketError) in try parse("c0", within: true, rsv1: true) } == 1002)
    }
}
