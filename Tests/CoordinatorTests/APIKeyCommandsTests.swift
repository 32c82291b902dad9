import Access
import Bytes
import Grid
import Hub
import Testing

@testable import neurogrid_coordinator

@Suite struct APIKeyCommandsTests {
    private let request = RequestID(session: SessionID(bits: 1), number: 1)

    private func read(_ request: OperatorRequest) -> OperatorRequest? {
        request.body.withBytes { OperatorRequest(path: request.path, body: $0) }
    }

    private func read(_ path: String, _ text: String) -> OperatorRequest? {
        Array(text.utf8).withUnsafeBytes { OperatorRequest(path: path, body: $0) }
    }

    private func prepare(_ order: OperatorRequest) throws -> (HubEvent, String) {
        let signer = JWTSigner(secret: try SigningSecret(bytes: Array(repeating: 7, count: 32)))
        return ControlDesk.prepare(order, request: request, signer: signer)
    }

    @Test(arguments: ["", "for \"CI\", näme\n"])
    func anOrderComesBackWhole(name: String) throws {
        let order = OperatorRequest.createKey(.init(user: "u 1", name: name, ratePerMinute: 7))
        guard case .createKey(let back)? = read(order) else {
            Issue.record("an order was not read")
            return
        }
        #expect(back.user == "u 1" && back.name == name && back.ratePerMinute == 7 && order.fault == nil)
        let (event, shown) = try prepare(order)
        guard case .apiKeyRequested(request, let wish) = event else {
            Issue.record("another event")
            return
        }
        #expect(APIKey(shown)?.digest == wish.digest && wish.owner == UserID("u 1"))
        #expect(wish.name == name && wish.ratePerMinute == 7)
        let (again, other) = try prepare(order)
        guard case .apiKeyRequested(_, let second) = again else { return }
        #expect(other != shown && second.id != wish.id)
    }

    @Test(arguments: [nil, 1, 31_622_400] as [Int64?])
    func aTermComesBack(seconds: Int64?) throws {
        let order = OperatorRequest.createKey(
            .init(user: "u", name: "", ratePerMinute: 7, timeToLiveSeconds: seconds))
        guard case .createKey(let back)? = read(order) else {
            Issue.record("an order was not read")
            return
        }
        #expect(back.timeToLiveSeconds == seconds && order.fault == nil)
        guard case .apiKeyRequested(_, let wish) = try prepare(order).0 else {
            Issue.record("another event")
            return
        }
        #expect(wish.timeToLiveSeconds == seconds)
    }

    @Test func aListsUserComesBack() {
        for user in [nil, "u"] as [String?] {
            guard case .listKeys(user)? = read(.listKeys(user: user)) else {
                Issue.record("a request for a list was not read")
                return
            }
            #expect(OperatorRequest.listKeys(user: user).fault == nil)
        }
        #expect(OperatorRequest.listKeys(user: "").fault != nil)
    }

    @Test func aRevocationNamesOneKey() throws {
        let key = APIKey.mint()
        let id = APIKeyID(UUID128(high: 0x1111_2222_3333_4444, low: 5))
        for reference in [APIKeyReference.id(id), .digest(key.digest)] {
            guard case .revokeKey(reference)? = read(.revokeKey(reference)) else {
                Issue.record("a revocation was not read")
                return
            }
            guard case .apiKeyRevocationRequested(request, reference) = try prepare(.revokeKey(reference)).0 else {
                Issue.record("another event")
                return
            }
        }
        // What goes to the coordinator is not the key.
        let body = OperatorRequest.revokeKey(.digest(key.digest)).body.text
        #expect(!body.contains(key.text.dropFirst(4)))
        #expect(APIKeyRevokeCommand.reference(key.text) == .digest(key.digest))
        #expect(APIKeyRevokeCommand.reference(id.description) == .id(id))
        for word in ["", "u", key.text + "x", String(key.text.dropLast()), "\(id)0"] {
            #expect(APIKeyRevokeCommand.reference(word) == nil)
        }
    }

    @Test(arguments: [
        ("create", "{}"), ("create", #"{"user":"u"}"#), ("create", #"{"user":"u","rate_per_minute":1.5}"#),
        ("create", #"{"user":1,"rate_per_minute":1}"#), ("create", #"{"rate_per_minute":1}"#), ("list", "[]"),
        ("revoke", "{}"), ("revoke", #"{"id":"x"}"#), ("revoke", #"{"digest":"00"}"#), ("revoke", #"{"digest":"zz"}"#),
        ("revoke", #"{"id":"11111111-2222-4333-8444-555555555555","digest":"\#(String(repeating: "0", count: 64))"}"#),
        ("other", "{}"),
    ])
    func whatIsNoRequestIsNone(path: String, text: String) { #expect(read("/control/api-keys/" + path, text) == nil) }

    @Test func boundsHold() {
        func fault(user: String = "u", name: String = "", rate: Int64 = 600, term: Int64? = nil) -> String? {
            OperatorRequest.createKey(
                .init(user: user, name: name, ratePerMinute: rate, timeToLiveSeconds: term)
            ).fault
        }
        #expect(fault() == nil && fault(rate: 0) == nil && fault(rate: 1_000_000) == nil)
        #expect(fault(name: String(repeating: "n", count: 128)) == nil)
        #expect(fault(name: String(repeating: "n", count: 129)) != nil)
        #expect(fault(user: "") != nil && fault(user: String(repeating: "u", count: 129)) != nil)
        for rate in [-1, 1_000_001, .max, .min] as [Int64] { #expect(fault(rate: rate) != nil) }
        for term in [0, -1, 31_622_401, .max, .min] as [Int64] { #expect(fault(term: term) != nil) }
    }

    @Test func aListIsCSVWithoutDigests() throws {
        var key = APIKeyRecord(
            id: APIKeyID(UUID128(high: 1, low: 2)), digest: APIKey.mint().digest, owner: UserID("=u"),
            name: "a \"b\", c", createdAt: Timestamp(milliseconds: 0))
        let unused = try ControlDesk.output(of: .apiKeys([key]), secret: "")
        key.lastUsedAt = Timestamp(milliseconds: 1000)
        key.revokedAt = Timestamp(milliseconds: 2000)
        key.expiresAt = Timestamp(milliseconds: 3000)
        let lines = try ControlDesk.output(of: .apiKeys([key]), secret: "").split(separator: "\r\n").map(String.init)
        #expect(lines.first == "id,user,name,rate_per_minute,created_at,last_used_at,revoked_at,expires_at")
        let begin = "\(key.id),\"'=u\",\"a \"\"b\"\", c\",600,1970-01-01T00:00:00.000Z,"
        let times = "1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z,1970-01-01T00:00:03.000Z"
        #expect(lines.last == begin + times && lines.count == 2)
        #expect(unused.hasSuffix(begin + ",,\r\n"))
        #expect(try ControlDesk.output(of: .apiKeys([]), secret: "") == lines[0] + "\r\n")
        #expect(try ControlDesk.output(of: .apiKey(key), secret: "") == "revoked \(key.id)")
    }
}
