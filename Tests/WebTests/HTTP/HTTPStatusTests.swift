import Testing

@testable import Web

@Suite("HTTP statuses")
struct HTTPStatusTests {
    @Test("known codes have their phrase, others none")
    func phrases() {
        let phrases = (100...599).map { (status: $0, phrase: HTTPStatus.phrase($0).description) }
        #expect(phrases.filter { !$0.phrase.isEmpty }.count == 40)
        #expect(Set(phrases.map(\.phrase)).count == 41)
        #expect(HTTPStatus.phrase(426).description == "Upgrade Required")
        #expect(HTTPStatus.phrase(299).description.isEmpty)
    }

    @Test("interim responses, 204 and 304 have no body")
    func bodies() {
        #expect((100...599).filter(HTTPStatus.forbidsBody) == Array(100...199) + [204, 304])
    }
}
