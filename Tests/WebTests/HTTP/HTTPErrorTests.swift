import Testing

@testable import Web

@Suite("HTTP errors")
struct HTTPErrorTests {
    @Test("every error has a status that servers may answer", arguments: HTTPError.allCases)
    func statuses(error: HTTPError) {
        #expect([400, 408, 413, 414, 417, 431, 501, 505].contains(error.status))
        #expect(!HTTPStatus.phrase(error.status).description.isEmpty)
    }

    @Test("every error has a code and a message of its own")
    func codes() {
        let codes = Set(HTTPError.allCases.map(\.code.description))
        let messages = Set(HTTPError.allCases.map(\.message.description))
        #expect(codes.count == HTTPError.allCases.count)
        #expect(messages.count == HTTPError.allCases.count)
        #expect(codes.allSatisfy { $0.allSatisfy { $0.isUppercase || $0 == "_" } })
    }
}
