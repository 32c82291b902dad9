import CLinux
import Glibc

/// Opens connections without blocking.
public enum Connector {
    /// Connects within `timeoutNanoseconds` and calls `completion` once, in a later turn: with a connected,
    /// non-blocking descriptor (Nagle's algorithm off) that the caller then owns, or with the reason (`ETIMEDOUT` for
    /// the timeout).
    @discardableResult
    public static func connect(
        to address: SocketAddress, on loop: EventLoop, timeoutNanoseconds: UInt64,
        completion: @escaping (Result<Int32, SystemError>) -> Void
    ) -> ConnectionAttempt {
        let attempt = ConnectionAttempt(loop: loop, completion: completion)
        do throws(SystemError) {
            try attempt.begin(address, timeoutNanoseconds: timeoutNanoseconds)
        } catch {
            loop.nextTurn { attempt.finish(.failure(error)) }
        }
        return attempt
    }
}

/// A connection that is being opened.
public final class ConnectionAttempt {
    private let loop: EventLoop
    private var completion: ((Result<Int32, SystemError>) -> Void)?
    private var descriptor: Int32 = -1
    private var timer: TimerID?

    init(loop: EventLoop, completion: @escaping (Result<Int32, SystemError>) -> Void) {
        self.loop = loop
        self.completion = completion
    }

    /// Gives up; `completion` is not called any more. Idempotent, and nothing after the completion.
    public func cancel() {
        completion = nil
        release(closing: true)
    }

    func begin(_ address: SocketAddress, timeoutNanoseconds: UInt64) throws(SystemError) {
        descriptor = try address.makeSocket()
        do throws(SystemError) {
            if address.family != AF_UNIX {
                try Syscall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            }
            // Even a connection that stands at once completes through the loop: one way, and never within the caller.
            let descriptor = self.descriptor
            var failure: Int32 = 0
            _ = try address.withSocketAddress { pointer, length in
                let result = Glibc.connect(descriptor, pointer, length)
                // An interrupted connect goes on in the background, as one in progress does.
                if result != 0 && errno != EINPROGRESS && errno != EINTR { failure = errno }
                return result
            }
            if failure != 0 { throw SystemError(errno: failure, call: "connect") }
            try loop.watch(fileDescriptor: descriptor, events: Epoll.writable) { [self] in
                let error = Syscall.takeSocketError(descriptor)
                finish(
                    error == 0 ? .success(descriptor) : .failure(SystemError(errno: error, call: "connect")))
            }
        } catch {
            Syscall.close(descriptor)
            descriptor = -1
            throw error
        }
        timer = loop.schedule(afterNanoseconds: timeoutNanoseconds) { [self] in
            timer = nil
            finish(.failure(SystemError(errno: ETIMEDOUT, call: "connect")))
        }
    }

    func finish(_ result: Result<Int32, SystemError>) {
        guard let completion else { return }
        self.completion = nil
        if case .success = result { release(closing: false) } else { release(closing: true) }
        completion(result)
    }

    private func release(closing: Bool) {
        if let timer { loop.cancel(timer) }
        timer = nil
        if descriptor >= 0 {
            loop.unwatch(fileDescriptor: descriptor)
            if closing { Syscall.close(descriptor) }
        }
        descriptor = -1
    }
}
