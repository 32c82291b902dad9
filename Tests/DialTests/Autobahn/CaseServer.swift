import Bytes
import Glibc
import Reactor
import Web

/// The suite's end of a connection: sends what a case says and writes down what the client does, with a reader of
/// frames of its own.
final class CaseServer: Channel {
    enum Seen: Equatable, Sendable {
        case text(Octets)
        case binary(Octets)
        case ping(Octets)
        case pong(Octets)
        case close(UInt16?)
        /// What no client may do.
        case violation(String)
    }

    private(set) var seen: [Seen] = []
    private(set) var isOpen = false
    /// Whether the client has ended the stream.
    private(set) var isLeft = false
    /// The parameters that the client is answered with; `nil` declines the extension.
    var extensions: String?
    var deflate: CaseDeflate?
    /// As many bytes as a compressed message may become.
    var greatestCount = 1 << 20

    private var parser = HTTPRequestParser()
    private var bytes: [UInt8] = []
    private var hasClosed = false

    override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        var input = InputCursor(bytes)
        if !isOpen {
            guard case .head(let head)? = try? parser.next(&input),
                case .success(let accept) = WebSocketHandshake.accept(head, subprotocols: [])
            else { return note(.violation("a bad handshake")) }
            var response = ByteBuffer()
            accept.writeResponse(extensions: extensions, into: &response)
            send(response)
            isOpen = true
            return
        }
        self.bytes += bytes
        var start = 0
        while let end = readFrame(at: start) { start = end }
        self.bytes.removeFirst(start)
    }

    override func endOfStream() { isLeft = true }

    override func closed(_ cause: CloseCause) { isLeft = isLeft || cause != .local }

    private func note(_ event: Seen) { seen.append(hasClosed ? .violation("\(event) after a close") : event) }

    /// Reads one frame. - Returns: where it ends, `nil` while it is incomplete.
    private func readFrame(at start: Int) -> Int? {
        guard bytes.count >= start + 2 else { return nil }
        let (first, second) = (bytes[start], bytes[start + 1])
        guard second & 0x80 != 0 else {
            note(.violation("a frame without a mask"))
            return bytes.count
        }
        let widths = [126: 2, 127: 8]
        let width = widths[Int(second & 0x7F)] ?? 0
        let head = start + 2 + width
        guard bytes.count >= head + 4 else { return nil }
        let count = width == 0 ? Int(second & 0x7F) : bytes[(start + 2)..<head].reduce(0) { $0 << 8 | Int($1) }
        let end = head + 4 + count
        guard bytes.count >= end else { return nil }
        if width == 2 && count < 126 || width == 8 && count < 65_536 { note(.violation("a length too wide")) }
        take(first, unmasked(at: head, count: count))
        return end
    }

    private func unmasked(at head: Int, count: Int) -> [UInt8] {
        bytes.withUnsafeBytes { bytes in
            let key = bytes.loadUnaligned(fromByteOffset: head, as: UInt32.self)
            let wide = UInt64(key) << 32 | UInt64(key)
            let source = UnsafeRawBufferPointer(rebasing: bytes[(head + 4)..<(head + 4 + count)])
            return [UInt8](unsafeUninitializedCapacity: count) { room, filled in
                let target = UnsafeMutableRawBufferPointer(room)
                var at = 0
                while at + 8 <= count {
                    let word = source.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ wide
                    target.storeBytes(of: word, toByteOffset: at, as: UInt64.self)
                    at += 8
                }
                while at < count {
                    target[at] = source[at] ^ UInt8(truncatingIfNeeded: key >> (8 * (UInt32(at) & 3)))
                    at += 1
                }
                filled = count
            }
        }
    }

    private func take(_ first: UInt8, _ payload: [UInt8]) {
        let (opcode, isCompressed) = (first & 0x0F, first & 0x40 != 0)
        // The client sends every message in one frame.
        guard first & 0x80 != 0, first & 0x30 == 0 else { return note(.violation("a frame begins with \(first)")) }
        if isCompressed && (deflate == nil || opcode > 2) { return note(.violation("compressed without agreement")) }
        guard let message = isCompressed ? deflate?.unpack(payload, count: greatestCount) : payload else {
            return note(.violation("compressed data that are none, or look back too far"))
        }
        switch opcode {
        case 1: note(.text(Octets(message)))
        case 2: note(.binary(Octets(message)))
        case 8 where payload.count == 1: note(.violation("half a close code"))
        case 8:
            note(.close(payload.count < 2 ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1])))
            hasClosed = true
        case 9 where payload.count <= 125: note(.ping(Octets(payload)))
        case 10 where payload.count <= 125: note(.pong(Octets(payload)))
        default: note(.violation("opcode \(opcode) with \(payload.count) bytes"))
        }
    }
}
