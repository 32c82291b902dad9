import CLinux
import Glibc

/// Signals as events of a loop, through signalfd.
public final class Signals {
    private let descriptor: Int32
    private let loop: EventLoop
    private var isClosed = false

    /// Blocks signals in the calling thread and those it starts afterwards; do it first thing in the main thread.
    public static func block(_ signals: [Int32]) {
        var set = Self.set(of: signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Calls `body` with the number of each signal that arrives; they must be blocked in every thread.
    public init(_ signals: [Int32], on loop: EventLoop, _ body: @escaping (Int32) -> Void) throws(SystemError) {
        var set = Self.set(of: signals)
        let descriptor = try Syscall.check(clinux_signalfd(&set), "signalfd")
        self.descriptor = descriptor
        self.loop = loop
        do throws(SystemError) {
            try loop.watch(fileDescriptor: descriptor) {
                var information = signalfd_siginfo()
                let size = MemoryLayout<signalfd_siginfo>.size
                while read(descriptor, &information, size) == size { body(Int32(information.ssi_signo)) }
            }
        } catch {
            Syscall.close(descriptor)
            throw error
        }
    }

    /// Ends the delivery; the signals stay blocked. Idempotent.
    public func close() {
        if isClosed { return }
        isClosed = true
        loop.unwatch(fileDescriptor: descriptor)
        Syscall.close(descriptor)
    }

    private static func set(of signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}
