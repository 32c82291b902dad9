import Bytes
import Testing
import Wire

@testable import neurogrid_coordinator

/// What the document lets clients say, decoders take, and the reverse.
@Suite struct AsyncAPIDecoderTests {
    private typealias Taken = (UnsafeRawBufferPointer) -> Bool

    private static func takes(_ dialect: String) throws -> Taken {
        switch dialect {
        case "native": { (try? NativeCodec.decode($0)) != nil }
        case "qubix": { (try? QubixCodec.decode($0)) != nil }
        case "neurograph": { (try? NeuroGraphCodec.decode($0)) != nil }
        case "triggerx": { (try? TriggerXCodec.decode($0)) != nil }
        case "eyenet":
            { bytes in
                // A packet's type stands before its array.
                let packet = [UInt8(ascii: "2")] + bytes
                return packet.withUnsafeBytes { (try? EyeNetCodec.decode(SocketIOPacket($0))) != nil }
            }
        case "agent": { (try? AgentCodec.decodeAgentMessage($0)) != nil }
        default: throw Unheard(dialect: dialect)
        }
    }

    private struct Unheard: Error { let dialect: String }

    /// Where a schema cannot say what the decoder knows: the columns of a table are of one length, and one without
    /// any is none.
    private static func isBeyondSchemas(_ variant: JSONTree) -> Bool {
        guard let table = variant["gpus"]?.members else { return false }
        return table.isEmpty || Set(table.compactMap { $0.value.elements?.count }).count > 1
    }

    @Test(arguments: Set(AsyncAPI.channels.map(\.dialect)).sorted())
    func theDecoderAgreesAboutEveryChangeOfAnExample(_ dialect: String) throws {
        let takes = try Self.takes(dialect)
        let said = AsyncAPI.channels.filter { $0.dialect == dialect }.flatMap(\.operations)
            .filter { $0.speaker == .client }.flatMap(\.messages)
        #expect(!said.isEmpty)
        var (kept, refused) = (0, 0)
        for message in said {
            let checker = JSONSchemaChecker(document: try AsyncAPITests.document.get())
            let schema = try JSONTree(message.payload.json)
            let golden = try AsyncAPITests.golden(message.golden)
            for variant in [golden] + golden.variants where !Self.isBeyondSchemas(variant) {
                // What another type would make of it is not this message's business.
                guard AsyncAPITests.name(of: variant) == message.name else { continue }
                let faults = checker.faults(of: variant, by: schema)
                let isTaken = Array(variant.json.utf8).withUnsafeBytes(takes)
                #expect(isTaken == faults.isEmpty, "\(message.key): \(variant.json) \(faults)")
                if isTaken { kept += 1 } else { refused += 1 }
            }
        }
        #expect(kept > 3 && refused > 9, "\(kept), \(refused)")
    }
}
