import Glibc
import Testing

@testable import Reactor

struct SyscallTests {
    @Test func aFullSocketAnswersAgain() throws {
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        var byte: UInt8 = 0
        #expect(Syscall.receive(ends[0], &byte, 1) == -Int(EAGAIN))
        // A child that another test starts holds a copy until its exec: the close alone would end nothing before.
        shutdown(ends[1], Int32(SHUT_RDWR))
        Syscall.close(ends[1])
        #expect(Syscall.receive(ends[0], &byte, 1) == 0)
        // A broken pipe is an answer, not a signal.
        #expect(Syscall.send(ends[0], &byte, 1) == -Int(EPIPE))
        Syscall.close(ends[0])
    }

    @Test func aDescriptorThatIsNotOursTraps() async {
        await #expect(processExitsWith: .failure) {
            var byte: UInt8 = 0
            _ = Syscall.receive(9999, &byte, 1)
        }
        await #expect(processExitsWith: .failure) { Syscall.close(9999) }
    }
}
