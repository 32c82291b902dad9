import Grid
import Testing

@testable import Hub

@Suite("GPU claims")
struct GPUClaimsTests {
    func gpus(_ uuids: String...) -> [GPUDescription] {
        uuids.enumerated().map { GPUDescription(index: $0, uuid: $1, name: "H100", pciBusID: "0:\($0)") }
    }

    @Test("Who came first keeps a GPU; the other one's own are its own all the same")
    func conflict() {
        var claims = GPUClaims()
        #expect(claims.claim(gpus("a", "b"), for: .test(1)) == nil)
        #expect(claims.claim(gpus("c", "b"), for: .test(2)) == .heldBy(.test(1), uuid: "b"))
        #expect(claims.holder(of: "b") == .test(1) && claims.holder(of: "c") == .test(2))
        #expect(claims.claim(gpus("a", "b"), for: .test(1)) == nil, "telling it again changes nothing")
    }

    @Test("A GPU that its node no longer names is free")
    func moved() {
        var claims = GPUClaims()
        #expect(claims.claim(gpus("a", "b"), for: .test(1)) == nil)
        #expect(claims.claim(gpus("a"), for: .test(1)) == nil)
        #expect(claims.claim(gpus("b"), for: .test(2)) == nil)
        #expect(claims.claim(gpus("a", "b"), for: .test(1)) == .heldBy(.test(2), uuid: "b"))
    }

    @Test("An operator's word moves it at once")
    func forced() {
        var claims = GPUClaims()
        #expect(claims.claim(gpus("a"), for: .test(1)) == nil)
        #expect(claims.claim(gpus("a"), for: .test(2), isForced: true) == nil)
        #expect(claims.claim(gpus("a"), for: .test(1)) == .heldBy(.test(2), uuid: "a"))
        #expect(claims.claim(gpus(), for: .test(1)) == nil)
        #expect(claims.holder(of: "a") == .test(2), "who no longer has it frees nothing")
    }

    @Test("A list that has a GPU twice is false; GPUs without a UUID are nobody's")
    func odd() {
        var claims = GPUClaims()
        #expect(claims.claim(gpus("a", "a"), for: .test(1)) == .twice(uuid: "a"))
        #expect(claims.claim(gpus("", ""), for: .test(2)) == nil)
        #expect(claims.claim(gpus("", ""), for: .test(3)) == nil)
    }
}
