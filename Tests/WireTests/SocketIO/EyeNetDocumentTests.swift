import Foundation
import Grid
import Testing

@testable import Wire

/// What docs/protocol-eyenet.md says of the transport is what the code does.
@Suite("EyeNet's document")
struct EyeNetDocumentTests {
    private let text: String

    init() throws {
        text = try String(contentsOf: Goldens.root.appendingPathComponent("docs/protocol-eyenet.md"), encoding: .utf8)
    }

    @Test("The limits are the code's")
    func limits() {
        for row in [
            "next ping | \(Limits.engineIOPingIntervalMilliseconds) ms |",
            "without a pong | \(Limits.engineIOPingTimeoutMilliseconds) ms |",
            "(beyond it 1009) | \(Limits.engineIOPayloadBytes) bytes |",
            "answer to one GET | \(Limits.engineIOAnswerPackets) |",
            "to its `5` | \(Limits.engineIOUpgradeMilliseconds) ms |",
            "for \(Limits.engineIOCloseMilliseconds / 1000) s at most.",
            "waiting than \(Limits.privateQueueBytes >> 20) MiB", "| \(CloseReason.noHeartbeat.code) |",
            "| \(CloseReason.slow.code) |", "no namespace for \(Limits.socketIOConnectMilliseconds / 1000) s",
            "attachments of one packet | \(Limits.socketIOAttachments) |",
            "bytes together | \(Limits.socketIOAttachmentBytes) |",
            "name | \(Limits.socketIONamespaceBytes) bytes", "of an id | \(Limits.socketIOIDDigits) |",
            "nesting of JSON | \(Limits.jsonDepth) |",
        ] {
            #expect(text.contains(row), "\(row)")
        }
    }

    @Test("Reserved names and what strangers are told stand there")
    func words() {
        for name in SocketIOReservedEvent.names { #expect(text.contains("`\(name)`"), "\(name)") }
        #expect(text.contains(SocketIOSession.unknownNamespaceMessage))
    }
}
