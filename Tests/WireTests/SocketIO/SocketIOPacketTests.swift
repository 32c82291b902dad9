import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Socket.IO packets")
struct SocketIOPacketTests {
    /// A packet with everything copied out of its bytes.
    struct Seen: Equatable {
        var type: SocketIOPacketType
        var namespace = "/"
        var id: UInt64?
        var attachments = 0
        var payload = ""
        var event: String?
        var arguments = ""
        var values: [String] = []

        init(
            _ type: SocketIOPacketType, _ namespace: String = "/", id: UInt64? = nil, attachments: Int = 0,
            _ payload: String = "", event: String? = nil, _ values: [String] = []
        ) {
            (self.type, self.namespace, self.id, self.attachments) = (type, namespace, id, attachments)
            (self.payload, self.event, self.values) = (payload, event, values)
            arguments = values.joined(separator: ",")
        }

        init(_ packet: SocketIOPacket) {
            type = packet.type
            namespace = packet.namespaceName
            id = packet.id
            attachments = packet.attachmentCount
            payload = String(decoding: packet.payload, as: UTF8.self)
            event = packet.event?.string
            arguments = String(decoding: packet.arguments, as: UTF8.self)
            packet.forEachArgument { values.append(String(decoding: $0, as: UTF8.self)) }
        }
    }

    static func seen(_ text: String, _ limits: SocketIOLimits = SocketIOLimits()) throws(SocketIOError) -> Seen {
        try Array(text.utf8).withExact { bytes throws(SocketIOError) in Seen(try SocketIOPacket(bytes, limits: limits))
        }
    }

    private func fault(_ text: String, _ limits: SocketIOLimits = SocketIOLimits()) -> SocketIOError? {
        do throws(SocketIOError) {
            _ = try Self.seen(text, limits)
            return nil
        } catch {
            return error
        }
    }

    @Test("the protocol's own examples are read")
    func examples() throws {
        #expect(try Self.seen("0") == Seen(.connect))
        #expect(try Self.seen("0/admin,{\"sid\":\"o\"}") == Seen(.connect, "/admin", "{\"sid\":\"o\"}"))
        #expect(try Self.seen("4{\"message\":\"no\"}") == Seen(.connectError, "/", "{\"message\":\"no\"}"))
        #expect(try Self.seen("2[\"foo\"]") == Seen(.event, "/", "[\"foo\"]", event: "foo"))
        #expect(try Self.seen("2/admin,[\"bar\"]") == Seen(.event, "/admin", "[\"bar\"]", event: "bar"))
        #expect(try Self.seen("212[\"foo\"]") == Seen(.event, "/", id: 12, "[\"foo\"]", event: "foo"))
        #expect(try Self.seen("3/admin,13[\"bar\"]") == Seen(.ack, "/admin", id: 13, "[\"bar\"]", ["\"bar\""]))
        #expect(try Self.seen("1") == Seen(.disconnect))
        #expect(try Self.seen("1/admin,") == Seen(.disconnect, "/admin"))
        let placeholder = "{\"_placeholder\":true,\"num\":0}"
        #expect(
            try Self.seen("51-[\"baz\",\(placeholder)]")
                == Seen(.binaryEvent, "/", attachments: 1, "[\"baz\",\(placeholder)]", event: "baz", [placeholder]))
        #expect(
            try Self.seen("61-/a,15[\"bar\",\(placeholder)]")
                == Seen(
                    .binaryAck, "/a", id: 15, attachments: 1, "[\"bar\",\(placeholder)]", ["\"bar\"", placeholder]))
    }

    @Test("arguments are answered as they came, one by one and all together")
    func arguments() throws {
        let packet = try Self.seen("2/ws,7[ \"subscribe\" , {\"type\":\"device\"} ,[1, 2],null ] ")
        #expect(packet.event == "subscribe" && packet.id == 7)
        #expect(packet.arguments == "{\"type\":\"device\"} ,[1, 2],null ")
        #expect(packet.values == ["{\"type\":\"device\"}", "[1, 2]", "null"])
        #expect(try Self.seen("30[]").values.isEmpty)
        #expect(try Self.seen("30[ ]").arguments.isEmpty)
        #expect(try Self.seen("2[\"a\" ]").arguments.isEmpty)
    }

    @Test("an event may have a number for its name, and escapes in it")
    func names() throws {
        #expect(try Self.seen("2[5,6]").event == nil)
        #expect(try Self.seen("2[5,6]").values == ["6"])
        #expect(try Self.seen("2[\"\\u0061b\"]").event == "ab")
    }

    @Test("a namespace ends at its comma or with the packet, and the main one may be named")
    func namespaces() throws {
        #expect(try Self.seen("0/custom") == Seen(.connect, "/custom"))
        #expect(try Self.seen("0/,{}") == Seen(.connect, "/", "{}"))
        #expect(try Self.seen("0/é,{}").namespace == "/é")
        try Array("0/ws,".utf8).withExact { bytes throws(SocketIOError) in
            let packet = try SocketIOPacket(bytes)
            #expect(packet.isOf("/ws") && !packet.isOf("/w") && !packet.isOf("/"))
        }
    }

    @Test("types are 0 to 6")
    func types() throws {
        #expect(String(decoding: SocketIOPacketType.allCases.map(\.rawValue), as: UTF8.self) == "0123456")
        #expect(fault("") == .emptyPacket)
        for text in ["7", "a", "/", "é", " 0"] { #expect(fault(text) == .unknownType) }
    }

    @Test("a count of attachments is a number and a hyphen, within its limit")
    func attachmentCounts() {
        for text in ["5", "5[\"a\"]", "5-[\"a\"]", "51", "51[\"a\"]", "5a-[\"a\"]"] {
            #expect(fault(text) == .invalidAttachmentCount, "\(text)")
        }
        #expect(fault("50-[\"a\"]") == nil)
        #expect(fault("510-[\"a\"]") == nil)
        #expect(fault("5011-[\"a\"]") == .tooManyAttachments)
        #expect(fault("511-[\"a\"]") == .tooManyAttachments)
        #expect(fault("5" + String(repeating: "9", count: 40) + "-[\"a\"]") == .tooManyAttachments)
    }

    @Test("an id has at most sixteen digits, and packets have one or none by their type")
    func ids() throws {
        #expect(try Self.seen("29007199254740991[\"a\"]").id == 9_007_199_254_740_991)
        #expect(fault("210000000000000000[\"a\"]") == .invalidID)
        #expect(try Self.seen("2007[\"a\"]").id == 7)
        for text in ["3[]", "61-[]", "05", "15", "05{}", "45{}"] { #expect(fault(text) == .invalidID, "\(text)") }
    }

    @Test("a namespace has its length, and no control characters")
    func namespaceFaults() {
        let longest = "0/" + String(repeating: "a", count: 127)
        #expect(fault(longest) == nil && fault(longest + ",") == nil)
        #expect(fault(longest + "a") == .namespaceTooLong)
        for text in ["0/a\u{1E}4", "0/\u{0}", "0/\u{7F},"] { #expect(fault(text) == .invalidNamespace) }
        [UInt8]([0x30, 0x2F, 0xFF]).withUnsafeBytes { bytes in
            _ = #expect(throws: SocketIOError.invalidNamespace) { try SocketIOPacket(bytes) }
        }
    }

    @Test("each type has its payload")
    func payloads() {
        for text in ["2", "30", "4", "51-", "21", "2/a,", "61-3"] { #expect(fault(text) == .missingPayload, "\(text)") }
        for text in ["1{}", "1/a,[]", "1 "] { #expect(fault(text) == .unexpectedPayload, "\(text)") }
        let wrong = [
            "0[]", "0\"a\"", "0null", "0true", "2{}", "2\"a\"", "2[]", "2[null]", "2[[]]", "2[{}]", "2[true]", "30{}",
            "30null", "4[]", "4true", "41.5",
        ]
        for text in wrong { #expect([.wrongPayload, .invalidID].contains(fault(text)), "\(text)") }
        for text in ["0{}", "4{}", "4\"a\"", "2[\"a\"]", "30[]"] { #expect(fault(text) == nil, "\(text)") }
    }

    @Test(
        "a payload is JSON and nothing else",
        arguments: [
            "0{", "2[", "2[\"a\"", "2[\"a\",]", "2[\"a\"]x", "2[\"a\"]]", "2abc[\"a\"]", "2-1[\"a\"]", "2[\"\u{1}\"]",
            "0{\"a\"}",
            "2[\"\\ud800\"]", "2[01]", "2[\"a\",nul]", "2{\"a\":}", "0 x", "51-[\"a\",{\"_placeholder\":tru}]",
        ])
    func malformed(text: String) { #expect(fault(text) == .malformedPayload) }

    @Test("a payload is nested as deep as JSON may be, and no deeper")
    func depth() {
        func nested(_ depth: Int, _ type: String) -> String {
            type + "[\"a\"," + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "]"
        }
        for type in ["2", "51-"] {
            #expect(fault(nested(Limits.jsonDepth, type)) == nil)
            #expect(fault(nested(Limits.jsonDepth + 1, type)) == .payloadTooDeep)
        }
    }

    @Test(
        "names that libraries keep for themselves are refused",
        arguments: [
            "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", "\\u0063onnect",
        ])
    func reserved(name: String) {
        #expect(fault("2[\"\(name)\"]") == .reservedEvent)
        #expect(fault("51-[\"\(name)\"]") == .reservedEvent)
        #expect(fault("30[\"\(name)\"]") == nil)
    }
}
