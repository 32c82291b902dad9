import Grid
import Testing

@testable import Wire

@Suite("Socket.IO limits")
struct SocketIOLimitsTests {
    @Test("the defaults are the product's, and fit a session")
    func defaults() {
        let limits = SocketIOLimits()
        #expect(limits.attachments == Limits.socketIOAttachments && limits.depth == Limits.jsonDepth)
        #expect(limits.attachmentBytes == Limits.socketIOAttachmentBytes)
        #expect(limits.namespaceBytes == Limits.socketIONamespaceBytes)
        #expect(limits.idDigits == Limits.socketIOIDDigits)
        Limits.checkRelations()
    }
}
