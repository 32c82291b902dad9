import Testing

@testable import neurogridctl

@Suite struct RESTClientTests {
    @Test func aPageIsReadWithWhatIsMissing() throws {
        let text = """
            {"nodes":[{"node_id":"1","name":"n","owner_id":"o","status":"online","connected":true,
            "health_score":null,"metrics":{"cpu_usage":12.5},"unknown":[1]}],"next_cursor":null}
            """
        let page = try RESTClient.decode(Array(text.utf8), as: NodePage.self)
        #expect(page.nodes.first?.metrics?.cpuUsage == 12.5)
        #expect(page.nodes.first?.healthScore == nil)
        #expect(page.nextCursor == nil)
    }

    @Test func anAnswerThatIsNoneIsAFailure() {
        #expect(throws: RESTClient.Failure.self) { try RESTClient.decode(Array("[]".utf8), as: NodePage.self) }
    }
}
