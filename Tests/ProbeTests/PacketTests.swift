import Testing

@testable import Probe

@Suite struct PacketTests {
    @Test func whatIsPutIsRead() {
        var writer = PacketWriter(capacity: 1024)
        writer.begin(.hello)
        writer.put(UInt8(200))
        writer.put(UInt32(4_000_000_000))
        writer.put(UInt64.max)
        writer.put("Grüße")
        writer.put(optional: -40)
        writer.put(optional: nil as UInt32?)
        var reader = PacketReader(writer.bytes)
        #expect(reader.kind() == .hello)
        #expect(reader.byte() == 200)
        #expect(reader.word() == 4_000_000_000)
        #expect(reader.long() == .max)
        #expect(reader.text() == "Grüße")
        #expect(reader.optional() == -40)
        #expect(reader.optional() as UInt32? == nil)
        #expect(!reader.isShort)
        #expect(reader.byte() == nil)
        #expect(reader.isShort)
    }

    @Test func longTextIsCut() {
        var writer = PacketWriter(capacity: 1024)
        writer.begin(.hello)
        writer.put(String(repeating: "x", count: 900))
        var reader = PacketReader(writer.bytes)
        _ = reader.kind()
        #expect(reader.text()?.count == 255)
    }

    @Test func valuesThatDoNotFitAreAbsent() {
        var writer = PacketWriter(capacity: 64)
        writer.begin(.hello)
        writer.put(optional: UInt64.max)
        var reader = PacketReader(writer.bytes)
        _ = reader.kind()
        #expect(reader.optional() as UInt32? == nil)
    }

    @Test func unknownKindsAreNone() {
        let bytes: [UInt8] = [99]
        bytes.withUnsafeBytes { raw in
            var reader = PacketReader(raw)
            #expect(reader.kind() == nil)
        }
    }
}
