import Glibc
import Testing

@testable import Reactor

struct SystemErrorTests {
    @Test func namesTheCallAndTheReason() {
        #expect(SystemError(errno: ECONNREFUSED, call: "connect").description == "connect: Connection refused")
    }
}
