import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Native dialect: replies")
struct NativeRepliesTests {
    @Test("What to do about a refused authentication", arguments: Refusal.Code.allCases)
    func actions(_ code: Refusal.Code) throws {
        let text = written { NativeCodec.encode(.authError(Refusal(code, "x")), into: &$0) }
        #expect(text.contains("\"code\":\"\(code.rawValue)\""))
        let isLogin = [.invalidToken, .tokenExpired, .forbidden].contains(code)
        #expect(text.contains("\"action\":\"redirect_to_login\"") == isLogin)
    }
}
