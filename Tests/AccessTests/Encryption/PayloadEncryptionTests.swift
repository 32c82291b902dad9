import Bytes
import Testing

@testable import Access

@Suite struct PayloadEncryptionTests {
    /// What an implementation in another language made of the same keys, nonce and text.
    @Test func knownMessagesAreMadeToTheLetter() throws {
        let nonce = (0..<12).map { UInt8($0) }
        let alice = p256PrivateKey(
            d: "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo", x: "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            y: "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps")
        let montgomery = x25519PrivateKey("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
        let expected: [(ClientKey, EVPKey?, String)] = [
            (
                .p256, alice,
                "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImVwayI6eyJrdHkiOiJFQyIsImNydiI6IlAtMjU2IiwieCI6ImdJMEdBSU"
                    + "xCZHU3VDUzYWtyRm1NeUdjc0YzbjVkTzdNbXdOQkhLVzVTVjAiLCJ5IjoiU0xXX3hTZmZ6bFBXckhFVkkzMERITV80ZWdWd3"
                    + "QzTlFxZVVEN25NRnBwcyJ9LCJraWQiOiJib2IifQ..AAECAwQFBgcICQoL."
                    + "LWN1G7OfaTr2qXhbsrEk-9jKJXzMLejjL6jOYARU.4UDoE27M_CPm_D60efHqSA"
            ),
            (
                .x25519, montgomery,
                "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImVwayI6eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ4IjoiaFNEd0"
                    + "NZa3dwMVIwaTMzY3RENzNXZzJfT2cwbU9CcjA2NlNwanFxYlRtbyJ9LCJraWQiOiJib2IifQ..AAECAwQFBgcICQoL."
                    + "HFAGP3lvCYKNg4J1PtUpfvdjCJ_z_IY4VEtTr4RQ.o9yFDatYG-AOhrN5NUs60Q"
            ),
            (
                .shared, nil,
                "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiYm9iIn0..AAECAwQFBgcICQoL."
                    + "PCC7fraWo3zoY62p9rktTbD27kfQDzATGA-K8T8U.bEFyoTrPXln1A5EBlparnA"
            ),
        ]
        for (client, ephemeral, message) in expected {
            var made = ByteBuffer()
            let key = try client.key
            [UInt8](#"{"message":"GPU 3 is too hot"}"#.utf8).withUnsafeBytes {
                key.encrypt($0, nonce: nonce, ephemeral: ephemeral, into: &made)
            }
            #expect(made.text == message)
        }
    }

    @Test(arguments: ClientKey.allCases)
    func whatIsEncryptedIsOpenedByItsOwnerAlone(client: ClientKey) throws {
        let key = try client.key
        for count in [0, 1, 15, 16, 17, 255, 4096, 70_000] {
            let text = String(repeating: "ä", count: count / 2) + String(repeating: "x", count: count % 2)
            let message = key.encrypt(text)
            #expect(client.open(message) == [UInt8](text.utf8))
            for other in ClientKey.allCases where other != client { #expect(other.open(message) == nil) }
        }
    }

    @Test(arguments: ClientKey.allCases)
    func noTwoMessagesAreAlike(client: ClientKey) throws {
        let key = try client.key
        let messages = (0..<200).map { _ in key.encrypt("\"the same\"") }
        let parts = messages.map { $0.split(separator: ".", omittingEmptySubsequences: false) }
        #expect(parts.allSatisfy { $0.count == 5 && $0[1].isEmpty })
        for part in [2, 3, 4] { #expect(Set(parts.map { $0[part] }).count == messages.count) }
        // Each message of an agreement has a key pair of its own; a shared key's header is always the same.
        #expect(Set(parts.map { $0[0] }).count == (client == .shared ? 1 : messages.count))
    }

    @Test(arguments: ClientKey.allCases)
    func aChangedMessageIsNotOpened(client: ClientKey) throws {
        let message = Array(try client.key.encrypt("\"GPU 3 is too hot\"").utf8)
        var (opened, tried) = (0, 0)
        for place in message.indices where message[place] != UInt8(ascii: ".") {
            var changed = message
            changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            tried += 1
            if client.open(String(decoding: changed, as: UTF8.self)) != nil { opened += 1 }
        }
        #expect(opened == 0 && tried > 100)
    }

    @Test func itStandsInJSONAsItIs() throws {
        let key = try ClientKey.p256.key
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("message")
        [UInt8](#""hot \"one\"""#.utf8).withUnsafeBytes { key.encrypt($0, into: &writer) }
        writer.field("severity", "high")
        writer.endObject()
        let (message, severity) = try writer.buffer.withBytes { json in
            var reader = JSONReader(json)
            var values: [String] = []
            try reader.beginObject()
            while try reader.nextKey() != nil { values.append(try reader.readString()) }
            try reader.finish()
            return (values[0], values[1])
        }
        #expect(severity == "high")
        #expect(ClientKey.p256.open(message) == [UInt8](#""hot \"one\"""#.utf8))
        #expect(message.utf8.allSatisfy { UInt8(ascii: ".") == $0 || Character(Unicode.Scalar($0)).isJOSE })
    }

    @Test func oneKeyServesManyThreads() async throws {
        let key = try ClientKey.x25519.key
        let opened = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask { ClientKey.x25519.open(key.encrypt("\(number)")) == [UInt8]("\(number)".utf8) }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(opened == 64)
    }
}

extension Character {
    /// Whether base64url uses it.
    fileprivate var isJOSE: Bool { isASCII && (isLetter || isNumber || self == "-" || self == "_") }
}
