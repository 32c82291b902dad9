import CLinux
import Glibc

/// Accepts connections on one address for one loop.
///
/// Out of descriptors or memory it gives up a reserved descriptor to turn the waiting peers away at once, rests for
/// `acceptPauseMilliseconds` and tries again; it never spins.
public final class Listener {
    /// The address it is bound to, with the port the kernel chose where 0 was asked.
    public let boundAddress: SocketAddress
    private let descriptor: Int32
    private let loop: EventLoop
    private let accept: (Int32, PeerAddress) -> Void
    private var reserve: Int32
    private var isPausedByOwner = false
    private var rest: TimerID?
    private var isClosed = false

    /// Binds and listens. With `reusePort` several loops share one port, and the kernel spreads connections over them.
    /// A Unix socket is made with mode 0600; a dead socket file in its place is replaced.
    ///
    /// `accept` gets connected, non-blocking descriptors with Nagle's algorithm off, which it then owns.
    public init(
        address: SocketAddress, reusePort: Bool = false, backlog: Int32 = 4096, on loop: EventLoop,
        accept: @escaping (Int32, PeerAddress) -> Void
    ) throws(SystemError) {
        let descriptor = try Self.bind(address, reusePort: reusePort)
        do throws(SystemError) {
            try Syscall.check(listen(descriptor, backlog), "listen")
        } catch {
            Syscall.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.loop = loop
        self.accept = accept
        if case .unix = address {
            boundAddress = address
        } else {
            boundAddress = SocketAddress(boundTo: descriptor) ?? address
        }
        reserve = Self.openReserve()
        do throws(SystemError) {
            try loop.watch(fileDescriptor: descriptor) { [unowned self] in acceptBatch() }
        } catch {
            closeDescriptors()
            throw error
        }
    }

    deinit { precondition(isClosed, "a listener must be closed before it is let go") }

    /// Leaves new connections in the backlog.
    public func pause() {
        isPausedByOwner = true
        updateWatch()
    }

    /// Accepts again.
    public func resume() {
        isPausedByOwner = false
        updateWatch()
    }

    /// Stops listening; accepted connections live on. A Unix socket's file is removed. Idempotent.
    public func close() {
        if isClosed { return }
        loop.unwatch(fileDescriptor: descriptor)
        if let rest { loop.cancel(rest) }
        if case .unix(let path) = boundAddress { unlink(path) }
        closeDescriptors()
    }

    private func closeDescriptors() {
        isClosed = true
        Syscall.close(descriptor)
        if reserve >= 0 { Syscall.close(reserve) }
    }

    private func updateWatch() {
        if isClosed { return }
        let accepting = !isPausedByOwner && rest == nil
        // Changing a registered descriptor fails only for faults of ours.
        do throws(SystemError) {
            try loop.changeWatch(fileDescriptor: descriptor, events: accepting ? Epoll.readable : 0)
        } catch {
            preconditionFailure("a listener lost its watch: \(error)")
        }
    }

    private func acceptBatch() {
        var storage = sockaddr_storage()
        for _ in 0..<loop.configuration.acceptsPerTurn {
            if isClosed || isPausedByOwner { return }
            let result = Syscall.accept(descriptor, &storage)
            if result >= 0 {
                loop.statistics.accepted += 1
                accept(Int32(result), PeerAddress(&storage))
                continue
            }
            switch Int32(-result) {
            case EAGAIN:
                return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                shedAndRest()
                return
            default:
                // The one connection failed before it was accepted (ECONNABORTED, EPROTO and their like).
                continue
            }
        }
    }

    /// Turns away who waits, by means of the reserved descriptor, and rests.
    private func shedAndRest() {
        var storage = sockaddr_storage()
        var turnedAway = 0
        while reserve >= 0 && turnedAway < loop.configuration.acceptsPerTurn {
            Syscall.close(reserve)
            let result = Syscall.accept(descriptor, &storage)
            if result >= 0 {
                Syscall.close(Int32(result))
                turnedAway += 1
            }
            reserve = Self.openReserve()
            if result < 0 { break }
        }
        loop.statistics.shed += UInt64(turnedAway)
        rest = loop.schedule(afterNanoseconds: UInt64(loop.configuration.acceptPauseMilliseconds) * 1_000_000) {
            [unowned self] in
            rest = nil
            if reserve < 0 { reserve = Self.openReserve() }
            updateWatch()
        }
        updateWatch()
    }

    private static func openReserve() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    private static func bind(_ address: SocketAddress, reusePort: Bool) throws(SystemError) -> Int32 {
        let descriptor = try address.makeSocket()
        do throws(SystemError) {
            if case .unix(let path) = address {
                // The mode of the socket file is that of the descriptor at bind time: no moment in which it is open
                // to others.
                try Syscall.check(fchmod(descriptor, 0o600), "fchmod")
                removeDeadSocket(at: path, address)
            } else {
                try Syscall.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
                if reusePort { try Syscall.setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
                // Accepted sockets inherit it, which saves a call for each.
                try Syscall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            }
            let result = try address.withSocketAddress { Glibc.bind(descriptor, $0, $1) }
            try Syscall.check(result, "bind")
        } catch {
            Syscall.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Removes a socket file that nobody listens on; anything else in its place makes `bind` fail, as it must.
    private static func removeDeadSocket(at path: String, _ address: SocketAddress) {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFSOCK,
            let probe = try? address.makeSocket()
        else { return }
        let result = (try? address.withSocketAddress { connect(probe, $0, $1) }) ?? -1
        let refused = result != 0 && errno == ECONNREFUSED
        Syscall.close(probe)
        if refused { unlink(path) }
    }
}
