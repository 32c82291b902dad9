import Glibc
import Testing

@testable import Reactor

struct LoopThreadTests {
    @Test func runsItsBodyUnderItsName() throws {
        let box = try Mailbox<String>(capacity: 1)
        let thread = LoopThread.start(name: "a name that is too long") {
            var name = [UInt8](repeating: 0, count: 32)
            let file = open("/proc/thread-self/comm", O_RDONLY)
            let count = read(file, &name, name.count)
            close(file)
            box.post(String(decoding: name.prefix(max(0, count - 1)), as: UTF8.self))
        }
        thread.join()
        thread.join()
        #expect(box.receiveBlocking(timeoutNanoseconds: 0) == ["a name that is "])
    }
}
