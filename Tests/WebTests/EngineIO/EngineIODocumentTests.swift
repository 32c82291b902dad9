import Bytes
import Foundation
import Testing

@testable import Web

/// What docs/protocol-eyenet.md says of refusals, packets and endings is what the code does.
@Suite("Engine.IO's document")
struct EngineIODocumentTests {
    private let text: String

    init() throws {
        let here = URL(fileURLWithPath: #filePath)
        let root = (0..<4).reduce(here) { url, _ in url.deletingLastPathComponent() }
        text = try String(contentsOf: root.appendingPathComponent("docs/protocol-eyenet.md"), encoding: .utf8)
    }

    @Test("Every refusal has its row")
    func refusals() {
        for refusal in EngineIORefusal.allCases {
            let row =
                refusal.code.map { "| \(refusal.status) | \($0) | `\(refusal.message)` |" }
                ?? "| \(refusal.status) | | |"
            #expect(text.contains(row), "\(row)")
        }
        #expect(text.contains(EngineIORefusal.unknownSession.body.text))
    }

    @Test("Every packet has its row, and every close code")
    func packets() {
        for type in EngineIOPacketType.allCases {
            #expect(text.contains("| `\(UnicodeScalar(type.rawValue))` | \(type) |"), "\(type)")
        }
        for ending in EngineIOEnding.allCases { #expect(text.contains("| \(ending.closeCode) |"), "\(ending)") }
    }
}
