import CLinux
import Glibc
import Testing

@testable import Reactor

/// A loop that a test turns by hand, and the sockets it opened.
final class LoopHarness {
    let loop: EventLoop
    private var listeners: [Listener] = []

    init(_ configuration: EventLoopConfiguration = .init()) throws {
        loop = try EventLoop(configuration: configuration)
    }

    /// Turns the loop until `condition` holds; gives up after a minute without it, for machines with much else to do.
    func turn(_ what: Comment = "condition", until condition: () -> Bool) throws {
        let limit = Clock.monotonicNanoseconds() + 60_000_000_000
        while !condition() {
            loop.runOnce(timeoutMilliseconds: 100)
            try #require(condition() || Clock.monotonicNanoseconds() < limit, what)
        }
    }

    /// Turns without waiting until the kernel has nothing more to report.
    func settle() {
        var before: UInt64
        repeat {
            before = loop.statistics.events
            loop.runOnce(timeoutMilliseconds: 0)
        } while loop.statistics.events != before
    }

    /// Listens on a free port of 127.0.0.1.
    func listen(accept: @escaping (Int32, PeerAddress) -> Void) throws -> SocketAddress {
        let listener = try Listener(address: .ipv4(0x7F00_0001, port: 0), on: loop, accept: accept)
        listeners.append(listener)
        return listener.boundAddress
    }

    /// A channel of the loop over TCP, and the blocking socket of its peer.
    func pair<C: Channel>(_ make: @escaping (Int32) -> C) throws -> (channel: C, peer: PeerSocket) {
        var accepted: C?
        let address = try listen { [loop] descriptor, _ in
            let channel = make(descriptor)
            loop.adopt(channel)
            accepted = channel
        }
        let peer = try PeerSocket(connectedTo: address)
        try turn("accepted") { accepted != nil }
        return (try #require(accepted), peer)
    }

    func close() {
        for listener in listeners { listener.close() }
        loop.close()
    }
}

/// The other end: a blocking socket that the test reads and writes itself.
struct PeerSocket {
    let descriptor: Int32

    init(connectedTo address: SocketAddress) throws {
        descriptor = try address.makeSocket()
        let flags = fcntl(descriptor, F_GETFL, 0)
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
        let target = descriptor
        let result = try address.withSocketAddress { connect(target, $0, $1) }
        try #require(result == 0, "connect: errno \(errno)")
        // A test that waits for bytes that never come fails instead of hanging.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func write(_ bytes: [UInt8]) {
        #expect(Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }
    func write(_ text: String) { write(Array(text.utf8)) }

    /// What one `recv` answers: bytes, nothing at the end of the stream, nil on an error.
    func read(atMost count: Int = 65536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = recv(descriptor, &bytes, count, 0)
        return result < 0 ? nil : Array(bytes.prefix(result))
    }

    /// What is there without waiting.
    func readAvailable(atMost count: Int = 1 << 20) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = recv(descriptor, &bytes, count, Int32(MSG_DONTWAIT))
        return Array(bytes.prefix(max(0, result)))
    }

    func shutdownWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends with RST instead of FIN.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() { Syscall.close(descriptor) }
}

/// A port of 127.0.0.1 that is taken, so that nobody gets it, and on which nobody listens: who dials it is refused.
/// After a listener's end the port may be another's, or a child of another test may still hold the listener.
struct RefusingPort {
    let address: SocketAddress
    private let descriptor: Int32

    init() throws {
        let wanted = SocketAddress.ipv4(0x7F00_0001, port: 0)
        let socket = try wanted.makeSocket()
        let result = try wanted.withSocketAddress { bind(socket, $0, $1) }
        try #require(result == 0, "bind: errno \(errno)")
        address = try #require(SocketAddress(boundTo: socket))
        descriptor = socket
    }

    func close() { Syscall.close(descriptor) }
}

/// A channel that writes down what happens to it.
final class RecordingChannel: Channel {
    var bytes: [UInt8] = []
    var pieces = 0
    var ends = 0
    var causes: [CloseCause] = []
    var writableCalls = 0
    var overflows = 0
    var deadlines = 0
    var staysAfterEnd = false
    var staysAfterOverflow = false
    var onReceived: ((RecordingChannel) -> Void)?
    var onWritable: ((RecordingChannel) -> Void)?
    var onClosed: (() -> Void)?
    var echoes = false

    var text: String { String(decoding: bytes, as: UTF8.self) }

    override func received(_ input: UnsafeMutableRawBufferPointer) {
        pieces += 1
        bytes.append(contentsOf: input)
        if echoes { send(UnsafeRawBufferPointer(input)) }
        onReceived?(self)
    }

    override func endOfStream() {
        ends += 1
        if !staysAfterEnd { super.endOfStream() }
    }

    override func closed(_ cause: CloseCause) {
        causes.append(cause)
        onClosed?()
    }

    override func writable() {
        writableCalls += 1
        onWritable?(self)
    }

    override func queueOverflowed() {
        overflows += 1
        if !staysAfterOverflow { super.queueOverflowed() }
    }

    override func deadlineReached() {
        deadlines += 1
        super.deadlineReached()
    }
}
