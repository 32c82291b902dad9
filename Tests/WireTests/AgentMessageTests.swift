import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: the proof")
struct AgentMessageTests {
    @Test("The signed bytes are the documented ones")
    func signedBytes() {
        let bytes = AgentProof.signedBytes(
            coordinatorID: AgentGoldens.coordinator, nonce: AgentGoldens.nonce, node: AgentGoldens.node)
        #expect(
            Hexadecimal.encode(bytes)
                == "6e6575726f677269642e6167656e742e7631" + "4b1d8a702f634c579a3e6f0d1c2b3a49"
                + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                + "0f8fad5bd9cb469fa16570867728950e")
    }
}
