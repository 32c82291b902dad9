import Glibc
import Testing

@testable import Reactor

struct SignalsTests {
    @Test func aBlockedSignalBecomesAnEvent() throws {
        let box = try Mailbox<Int32>(capacity: 4)
        // Thread-directed, so that the other threads of the test process need not block it.
        let thread = LoopThread.start(name: "signals") {
            Signals.block([SIGUSR2, SIGHUP])
            guard let loop = try? EventLoop() else { return }
            let signals = try? Signals([SIGUSR2, SIGHUP], on: loop) { signal in
                box.post(signal)
                if signal == SIGUSR2 { loop.stop() }
            }
            pthread_kill(pthread_self(), SIGHUP)
            loop.runOnce(timeoutMilliseconds: 5000)
            pthread_kill(pthread_self(), SIGUSR2)
            try? loop.run()
            signals?.close()
            loop.close()
        }
        thread.join()
        #expect(box.receiveBlocking(timeoutNanoseconds: 0) == [SIGHUP, SIGUSR2])
    }
}
