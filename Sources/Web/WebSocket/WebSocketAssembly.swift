import Bytes
import Glibc

/// What a receiver holds while a frame or a message is unfinished; there is none while a connection is idle.
final class WebSocketAssembly {
    // MARK: The header being gathered

    private var headerWords: (UInt64, UInt64) = (0, 0)
    private(set) var headerCount = 0

    // MARK: The frame whose payload is arriving

    /// The frame being received; its payload count is what has not arrived yet, its key is turned to that.
    var frame: WebSocketFrameHeader?

    // MARK: The message

    /// Text or binary once the first frame's header is there, else `nil`.
    var opcode: WebSocketOpcode?
    var rsv1 = false
    var fragments = 0
    var text = UTF8Validator()
    /// When what is unfinished began, by the clock of whoever asks; 0 until then.
    var begunAt: UInt64 = 0
    private var message = WebSocketPayload()
    private var control = WebSocketPayload()

    /// The payload bytes of the unfinished message, control frame and header.
    var byteCount: Int { message.count + control.count + headerCount }

    /// The payload bytes of the unfinished message alone.
    var messageByteCount: Int { message.count }

    /// Whether nothing unfinished is in here.
    var isIdle: Bool { opcode == nil && frame == nil && headerCount == 0 }

    /// Adds one byte to the header being gathered and hands out what there is of it.
    func gather<R>(
        _ byte: UInt8, _ body: (UnsafeRawBufferPointer) throws(WebSocketError) -> R
    ) throws(WebSocketError) -> R {
        precondition(headerCount < WebSocketFrame.maximumHeaderByteCount, "a header ends")
        let index = headerCount
        headerCount += 1
        return try withUnsafeMutableBytes(of: &headerWords) { words throws(WebSocketError) in
            words[index] = byte
            return try body(UnsafeRawBufferPointer(rebasing: words[..<(index + 1)]))
        }
    }

    /// Forgets the gathered header, which has been read.
    func clearHeader() { headerCount = 0 }

    /// Keeps a piece of the payload of `frame`, whose payload count is what is still to come after it.
    func keep(_ bytes: UnsafeMutableRawBufferPointer, of frame: WebSocketFrameHeader) {
        if frame.opcode.isControl {
            control.append(bytes, total: control.count + bytes.count + frame.payloadCount)
        } else {
            // The receiver has checked the sum against its limit, so it does not overflow.
            let announced = message.count + bytes.count + frame.payloadCount
            message.append(bytes, total: frame.isFinal ? announced : nil)
        }
    }

    /// The payload of the control frame that has just become complete.
    func finishControl() -> UnsafeRawBufferPointer {
        control.finish()
    }

    /// The message that has just become complete; the next one starts afresh.
    func finishMessage() -> UnsafeRawBufferPointer {
        opcode = nil
        fragments = 0
        begunAt = 0
        text = UTF8Validator()
        return message.finish()
    }
}

/// A growing block of payload bytes at an address that stays put between two changes.
private struct WebSocketPayload: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    /// The smallest block of a message whose length is unknown.
    private static let smallestBlock = 1024

    deinit { free(base) }

    /// Appends `bytes`; `total` is the length of the whole payload where that is announced.
    ///
    /// An announcement is never trusted with more than the double of what has really come: a liar costs us no more
    /// than he sends.
    mutating func append(_ bytes: UnsafeMutableRawBufferPointer, total: Int?) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        let needed = count + bytes.count
        if needed > capacity {
            let grown = max(needed, min(total ?? .max, max(2 * needed, Self.smallestBlock)))
            base = realloc(base, grown)
            precondition(base != nil, "out of memory")
            capacity = grown
        }
        if let base { (base + count).copyMemory(from: source, byteCount: bytes.count) }
        count = needed
    }

    /// The bytes, which stay in place until the next append; that one starts afresh.
    mutating func finish() -> UnsafeRawBufferPointer {
        defer { count = 0 }
        return UnsafeRawBufferPointer(start: base, count: count)
    }
}
