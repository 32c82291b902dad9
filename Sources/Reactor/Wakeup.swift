import CLinux
import Glibc
import Synchronization

/// The descriptor that ends a loop's sleep, written only while the loop sleeps.
///
/// The sleeper sets the flag and then looks at its mailboxes; a poster fills the mailbox and then looks at the flag.
/// Sequential consistency makes one of them see the other. The eventfd is registered edge-triggered, so every write
/// wakes and nobody needs to read it.
final class Wakeup: Sendable {
    let descriptor: Int32
    private let sleeping = Atomic<Bool>(false)

    init() throws(SystemError) {
        descriptor = try Syscall.check(
            eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)), "eventfd")
    }

    /// The loop is about to wait.
    func willSleep() { sleeping.store(true, ordering: .sequentiallyConsistent) }

    /// The loop has woken.
    func isAwake() { sleeping.store(false, ordering: .sequentiallyConsistent) }

    /// Ends the sleep, if there is one.
    func wake() {
        guard sleeping.load(ordering: .sequentiallyConsistent),
            sleeping.exchange(false, ordering: .sequentiallyConsistent)
        else { return }
        var one: UInt64 = 1
        while write(descriptor, &one, 8) != 8 {
            precondition(errno == EINTR, "the wake-up descriptor failed")
        }
    }

    /// Closes the descriptor; no mailbox may know of it any more.
    func close() { Syscall.close(descriptor) }
}
