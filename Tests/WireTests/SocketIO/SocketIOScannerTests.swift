import Testing

@testable import Wire

@Suite("What stands before a Socket.IO payload")
struct SocketIOScannerTests {
    /// Hands a scanner of a text to `body`.
    private func scan(_ text: String, _ body: (inout SocketIOScanner) throws(SocketIOError) -> Void) throws {
        try Array(text.utf8).withExact { bytes throws(SocketIOError) in
            var scanner = SocketIOScanner(bytes, from: 0)
            try body(&scanner)
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    @Test("parts are read in their order, and what is not there is left")
    func parts() throws {
        let limits = SocketIOLimits()
        try scan("10-/ws,42[1]") { scanner throws(SocketIOError) in
            let count = try scanner.attachmentCount(limits)
            let namespaces = (text(try scanner.namespace(limits)), text(try scanner.namespace(limits)))
            let ids = (try scanner.id(limits), try scanner.id(limits))
            #expect(count == 10)
            #expect(namespaces.0 == "/ws" && namespaces.1 == nil)
            #expect(ids.0 == 42 && ids.1 == nil)
            #expect(text(scanner.rest) == "[1]")
        }
    }

    @Test("at the end nothing is left")
    func end() throws {
        try scan("/a") { scanner throws(SocketIOError) in
            let namespaces = (
                text(try scanner.namespace(SocketIOLimits())), text(try scanner.namespace(SocketIOLimits()))
            )
            #expect(namespaces.0 == "/a" && namespaces.1 == nil)
            #expect(scanner.rest.isEmpty)
        }
    }
}
