import Glibc
import Testing

@testable import Reactor

struct WakeupTests {
    private func isReadable(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    @Test func isWrittenOnceAndOnlyForASleeper() throws {
        let wakeup = try Wakeup()
        defer { wakeup.close() }
        wakeup.wake()
        #expect(!isReadable(wakeup.descriptor))
        wakeup.willSleep()
        wakeup.wake()
        wakeup.wake()
        var count: UInt64 = 0
        #expect(read(wakeup.descriptor, &count, 8) == 8 && count == 1)
        wakeup.willSleep()
        wakeup.isAwake()
        wakeup.wake()
        #expect(!isReadable(wakeup.descriptor))
    }
}
