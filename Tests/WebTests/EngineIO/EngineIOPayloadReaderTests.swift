import Bytes
import Testing

@testable import Web

@Suite("Engine.IO payloads")
struct EngineIOPayloadReaderTests {
    /// What a reader makes of a body: packets as they would stand in frames, and the error that ended them.
    struct Reading: Equatable {
        var frames: [EngineIOFrame] = []
        var error: EngineIOError?

        init(_ frames: [EngineIOFrame], _ error: EngineIOError? = nil) { (self.frames, self.error) = (frames, error) }

        init(of body: [UInt8]) {
            var body = body
            body.withUnsafeMutableBytes { bytes in
                var reader = EngineIOPayloadReader(bytes)
                do throws(EngineIOError) {
                    while let packet = try reader.next() {
                        let data = String(decoding: packet.data, as: UTF8.self)
                        let type = String(UnicodeScalar(packet.type.rawValue))
                        frames.append(packet.isBinary ? .binary([UInt8](packet.data)) : .text(type + data))
                    }
                } catch {
                    self.error = error
                }
                let behind = try? reader.next()
                #expect(behind == nil, "an end and an error are final")
            }
        }
    }

    private func read(_ body: String) -> Reading { Reading(of: [UInt8](body)) }

    @Test("packets are separated by U+001E")
    func packets() {
        #expect(read("4hello") == Reading(["4hello"]))
        #expect(read("4hello\u{1E}2\u{1E}4world") == Reading(["4hello", "2", "4world"]))
        #expect(read("4é\u{1E}4€😀") == Reading(["4é", "4€😀"]))
    }

    @Test("base 64 is decoded, with its padding or without")
    func base64() {
        #expect(read("bAQIDBA==") == Reading([.binary([1, 2, 3, 4])]))
        #expect(read("bAQIDBA\u{1E}4x\u{1E}bAQI=") == Reading([.binary([1, 2, 3, 4]), "4x", .binary([1, 2])]))
        #expect(read("b") == Reading([.binary([])]))
        #expect(read("b/+8=") == Reading([.binary([0xFF, 0xEF])]))
    }

    @Test("what is no base 64 is an error", arguments: ["bA", "bAQID!", "bAQI==", "bAR==", "b=", "b-_8=", "bAQID\n"])
    func badBase64(text: String) { #expect(read("4a\u{1E}" + text) == Reading(["4a"], .invalidBase64)) }

    @Test("no packet may be empty", arguments: ["", "\u{1E}", "\u{1E}4a"])
    func empty(text: String) { #expect(read(text) == Reading([], .emptyPacket)) }

    @Test("a separator behind the last packet begins another, which is empty")
    func trailing() { #expect(read("4a\u{1E}") == Reading(["4a"], .emptyPacket)) }

    @Test("an unknown type ends the reading")
    func unknown() { #expect(read("4a\u{1E}x\u{1E}4b") == Reading(["4a"], .unknownPacketType)) }

    @Test("texts are UTF-8")
    func text() {
        #expect(Reading(of: [0x34, 0xFF]) == Reading([], .invalidText))
        // A character must not be cut by a separator.
        #expect(Reading(of: [0x34, 0xC3, 0x1E, 0xA9]) == Reading([], .invalidText))
        #expect(Reading(of: [0x34, 0x61, 0x1E, 0xFF]) == Reading(["4a"], .invalidText))
    }

    @Test("an empty body without memory is read like any other")
    func noMemory() {
        var reader = EngineIOPayloadReader(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        #expect(throws: EngineIOError.emptyPacket) { _ = try reader.next() }
    }
}
