import Testing

@testable import Web

@Suite("WebSocket assembly")
struct WebSocketAssemblyTests {
    private func header(_ opcode: WebSocketOpcode, left: Int, isFinal: Bool = true) -> WebSocketFrameHeader? {
        var bytes = RawFrame(opcode.rawValue, fin: isFinal, [UInt8](repeating: 0, count: left)).bytes()
        return bytes.withUnsafeMutableBytes { bytes in
            try? WebSocketFrameHeader(
                UnsafeRawBufferPointer(bytes),
                in: .init(
                    role: .server, permitsRSV1: false, isWithinMessage: opcode == .continuation, roomBytes: .max,
                    roomFragments: 1))
        }
    }

    private func keep(_ text: String, of frame: WebSocketFrameHeader, in assembly: WebSocketAssembly) {
        var bytes = [UInt8](text)
        bytes.withUnsafeMutableBytes { assembly.keep($0, of: frame) }
    }

    @Test("pieces of a message and of a control frame between them are kept apart")
    func pieces() throws {
        let assembly = WebSocketAssembly()
        let message = try #require(header(.text, left: 3))
        let control = try #require(header(.ping, left: 1))
        #expect(assembly.isIdle)
        assembly.opcode = .text
        #expect(!assembly.isIdle)
        keep("abc", of: message, in: assembly)
        keep("p", of: control, in: assembly)
        keep("def", of: message, in: assembly)
        keep("ing", of: control, in: assembly)
        #expect(assembly.byteCount == 10)
        #expect(assembly.messageByteCount == 6)
        #expect(Array(assembly.finishControl()).text == "ping")
        #expect(Array(assembly.finishMessage()).text == "abcdef")
        #expect(assembly.isIdle)
        #expect(assembly.byteCount == 0)
        assembly.opcode = .text
        keep("next", of: message, in: assembly)
        #expect(Array(assembly.finishMessage()).text == "next")
        #expect(assembly.finishMessage().isEmpty)
    }

    @Test("a header is gathered byte by byte")
    func headers() throws {
        let assembly = WebSocketAssembly()
        for count in 1...14 {
            let seen = try assembly.gather(UInt8(count)) { (bytes) throws(WebSocketError) in [UInt8](bytes) }
            #expect(seen == (1...count).map { UInt8($0) })
            #expect(assembly.byteCount == count)
        }
        assembly.clearHeader()
        #expect(assembly.isIdle)
        let again = try assembly.gather(9) { (bytes) throws(WebSocketError) in [UInt8](bytes) }
        #expect(again == [9])
    }
}
