import Testing

@testable import Web

/// One case of the Autobahn suite, as far as it concerns a pure machine: what the suite sends and what it wants to see.
struct AutobahnCase: CustomTestStringConvertible, Sendable {
    var id: String
    var frames: [RawFrame]
    /// What an echoing endpoint must answer, the reason of a close frame apart.
    var answers: [SeenWebSocket]
    var testDescription: String { id }

    init(_ id: String, _ frames: [RawFrame], _ answers: [SeenWebSocket]) {
        self.id = id
        self.frames = frames
        self.answers = answers
    }

    /// Messages that are echoed as they are, and the connection then closed in good order.
    static func echoed(_ id: String, _ frames: [RawFrame], _ answers: [SeenWebSocket]) -> AutobahnCase {
        AutobahnCase(id, frames + [.close(1000)], answers + [.close(1000, [])])
    }

    /// A violation, after which nothing that follows may be answered.
    static func failed(
        _ id: String, _ frames: [RawFrame], after answers: [SeenWebSocket] = [], _ code: UInt16 = 1002
    ) -> AutobahnCase {
        AutobahnCase(id, frames + [.ping("late"), .text("late"), .close(1000)], answers + [.close(code, [])])
    }

    /// Plays the case against an echoing endpoint of `role`: all at once, frame by frame, and in pieces of a few sizes
    /// down to single bytes.
    func check(role: WebSocketRole, sizes: [Int] = [1, 2, 7]) {
        let bytes = frames.bytes(to: role)
        let feedings =
            [.whole(bytes), Feeding(pieces: frames.map { $0.bytes(to: role) })]
            + sizes.map { .chopped(bytes, by: $0) }
        for feeding in feedings {
            let seen = EchoEndpoint.answers(feeding, role: role).map { event in
                if case .close(let code, _) = event { SeenWebSocket.close(code, []) } else { event }
            }
            #expect(seen == answers, "\(id) as \(role)")
        }
    }
}
