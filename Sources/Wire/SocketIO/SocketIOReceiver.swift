/// Puts the packets of one session together: texts are packets, and binary packets wait for their attachments.
///
/// A packet without attachments is answered where it lies and nothing is kept; at rest there is nothing on the heap.
/// An error is final and thrown again from then on: close the session.
///
/// A copy of a receiver shares its unfinished packet: keep one value per session.
public struct SocketIOReceiver {
    private var assembly: SocketIOAssembly?
    private var failure: SocketIOError?
    private let limits: SocketIOLimits

    /// A receiver at the start of a session.
    public init(limits: SocketIOLimits = SocketIOLimits()) { self.limits = limits }

    /// Whether a packet waits for attachments: what a deadline should watch.
    public var isWithinPacket: Bool { assembly.map { !$0.isComplete } ?? false }

    /// The bytes held of an unfinished packet.
    public var pendingByteCount: Int { isWithinPacket ? assembly?.byteCount ?? 0 : 0 }

    /// Takes a text message; answers a packet unless attachments follow. It lives until the next call.
    public mutating func receive(text: UnsafeRawBufferPointer) throws(SocketIOError) -> SocketIOPacket? {
        try settle()
        do throws(SocketIOError) {
            guard assembly == nil else { throw .unexpectedText }
            let isBinary = text.first.flatMap(SocketIOPacketType.init)?.isBinary ?? false
            guard isBinary else { return try SocketIOPacket(text, limits: limits) }
            let begun = try SocketIOAssembly(text, limits: limits)
            assembly = begun
            return begun.isComplete ? begun.packet : nil
        } catch {
            throw fail(error)
        }
    }

    /// Takes a binary message, an attachment; answers the packet with the last one. It lives until the next call.
    public mutating func receive(binary: UnsafeRawBufferPointer) throws(SocketIOError) -> SocketIOPacket? {
        try settle()
        do throws(SocketIOError) {
            guard let assembly else { throw .unexpectedBinary }
            try assembly.attach(binary, limits: limits)
            return assembly.isComplete ? assembly.packet : nil
        } catch {
            throw fail(error)
        }
    }

    /// Lets go of the packet that was answered last.
    private mutating func settle() throws(SocketIOError) {
        if let failure { throw failure }
        if assembly?.isComplete == true { assembly = nil }
    }

    private mutating func fail(_ error: SocketIOError) -> SocketIOError {
        failure = error
        assembly = nil
        return error
    }
}

/// A binary packet and its attachments, in memory that stays in place.
private final class SocketIOAssembly {
    private(set) var packet: SocketIOPacket
    private let text: UnsafeMutableRawBufferPointer
    private(set) var byteCount: Int
    private var attachmentBytes = 0

    init(_ text: UnsafeRawBufferPointer, limits: SocketIOLimits) throws(SocketIOError) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
        copy.copyMemory(from: text)
        do throws(SocketIOError) {
            packet = try SocketIOPacket(UnsafeRawBufferPointer(copy), limits: limits)
        } catch {
            copy.deallocate()
            throw error
        }
        self.text = copy
        byteCount = text.count
    }

    deinit {
        for attachment in packet.attachments { attachment.deallocate() }
        text.deallocate()
    }

    var isComplete: Bool { packet.attachments.count == packet.attachmentCount }

    func attach(_ bytes: UnsafeRawBufferPointer, limits: SocketIOLimits) throws(SocketIOError) {
        guard attachmentBytes + bytes.count <= limits.attachmentBytes else { throw .attachmentsTooLarge }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyMemory(from: bytes)
        packet.attachments.append(UnsafeRawBufferPointer(copy))
        attachmentBytes += bytes.count
        byteCount += bytes.count
    }
}
