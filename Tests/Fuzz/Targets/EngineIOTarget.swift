import Bytes
import Web

extension FuzzTarget {
    /// Engine.IO: what a payload holds can be written again and is read alike; and a session that is told anything in
    /// any order answers every poll once, holds no more than it may, and says nothing behind its end.
    static let engineIO = FuzzTarget("engine-io") { input in
        try EngineIOPayload.check(input)
        try EngineIORun.check(input)
    }
}

/// A message that came out of a machine.
enum EngineIOSeen: Equatable {
    case text([UInt8])
    case binary([UInt8])

    init(_ message: EngineIOMessage) {
        switch message {
        case .text(let bytes): self = .text([UInt8](bytes))
        case .binary(let bytes): self = .binary([UInt8](bytes))
        }
    }
}

private enum EngineIOPayload {
    static func check(_ input: UnsafeRawBufferPointer) throws {
        let (messages, failed) = try read(input)
        var actions: [EngineIOAction] = []
        let settings = EngineIOSettings(answerPackets: max(2, messages.count))
        var session = EngineIOSession(over: .polling, sid: "a", settings: settings, at: 0, into: &actions)
        for message in messages {
            switch message {
            case .text(let bytes): session.send(into: &actions) { $0.append(bytes) }
            case .binary(let bytes): bytes.withUnsafeBytes { session.send(binary: $0, into: &actions) }
            }
        }
        guard session.isOpen, !messages.isEmpty else { return }
        actions.removeAll()
        try session.poll(at: 0, into: &actions)
        guard case .answerPoll(let body)? = actions.first, actions.count == 1 else {
            throw FuzzFinding("a poll was not answered: \(actions)")
        }
        let (again, failedAgain) = try body.withBytes { try read($0) }
        try require(again == messages && !failedAgain, "\(messages) became \(again) (\(failed))")
    }

    /// The messages of a body and whether it ended in an error.
    static func read(_ input: UnsafeRawBufferPointer) throws -> (messages: [EngineIOSeen], failed: Bool) {
        let body = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
        defer { body.deallocate() }
        body.copyBytes(from: input)
        var reader = EngineIOPayloadReader(body)
        var messages: [EngineIOSeen] = []
        do {
            while let packet = try reader.next() {
                let data = [UInt8](packet.data)
                let isText = packet.isBinary || String(validating: data, as: UTF8.self) != nil
                try require(isText, "a text that is not UTF-8")
                if packet.type == .message { messages.append(packet.isBinary ? .binary(data) : .text(data)) }
            }
            return (messages, false)
        } catch is EngineIOError {
            let end = try reader.next()
            try require(end == nil, "a packet behind an error")
            return (messages, true)
        }
    }
}

/// One session that is told what an input says: a line each, whose first byte is what happens.
private struct EngineIORun {
    // Small enough for a fuzzer to reach them.
    private static let settings = EngineIOSettings(
        pingIntervalMilliseconds: 30, pingTimeoutMilliseconds: 20, payloadBytes: 64, upgradeTimeoutMilliseconds: 10,
        closeTimeoutMilliseconds: 25, queueBytes: 96, answerPackets: 3)

    private var session: EngineIOSession
    private var actions: [EngineIOAction] = []
    private var now: UInt64 = 1
    private var isPollWaiting = false
    private var isProbing = false
    private var hasEnded = false
    private var isPosting = false

    static func check(_ input: UnsafeRawBufferPointer) throws {
        for transport in EngineIOTransport.allCases {
            var actions: [EngineIOAction] = []
            let session = EngineIOSession(over: transport, sid: "a", settings: settings, at: 1, into: &actions)
            try require(actions.count == 1, "a session opens with one packet")
            var run = EngineIORun(session: session)
            for line in input.split(separator: UInt8(ascii: "\n")) {
                let bytes = UnsafeRawBufferPointer(rebasing: line)
                try run.tell(bytes[0], UnsafeRawBufferPointer(rebasing: bytes[1...]))
                try run.settle()
            }
        }
    }

    private init(session: EngineIOSession) { self.session = session }

    private mutating func tell(_ what: UInt8, _ bytes: UnsafeRawBufferPointer) throws {
        do {
            switch what {
            case UInt8(ascii: "G"):
                try session.poll(at: now, into: &actions)
                isPollWaiting = true
            case UInt8(ascii: "P"): try post(bytes)
            case UInt8(ascii: "B"):
                try session.beginPost(contentType: nil, byteCount: nil, into: &actions)
                isPosting = true
            case UInt8(ascii: "F"): if isPosting { try finishPost() }
            case UInt8(ascii: "X"):
                session.pollAborted(into: &actions)
                isPollWaiting = false
            case UInt8(ascii: "U"):
                if try session.beginUpgrade(at: now, into: &actions) { isProbing = true }
            case UInt8(ascii: "p"): if isProbing { session.receiveProbe(text: bytes, at: now, into: &actions) }
            case UInt8(ascii: "q"): if isProbing { session.receiveProbeBinary(into: &actions) }
            case UInt8(ascii: "x"):
                if isProbing { session.probeClosed() }
                isProbing = false
            case UInt8(ascii: "T"):
                now += UInt64(bytes.count) * 1_000_000
                session.tick(at: now, into: &actions)
            case UInt8(ascii: "C"): session.close(at: now, into: &actions)
            default: try talk(what, bytes)
            }
        } catch let refusal as EngineIORefusal {
            try require((400...413).contains(refusal.status), "a refusal with status \(refusal.status)")
        }
    }

    /// What happens to messages.
    private mutating func talk(_ what: UInt8, _ bytes: UnsafeRawBufferPointer) throws {
        let isWebSocket = session.transport == .webSocket
        switch what {
        case UInt8(ascii: "W"):
            // Texts of a WebSocket are UTF-8.
            guard isWebSocket, String(validating: bytes, as: UTF8.self) != nil else { return }
            note(session.receive(text: bytes, at: now, into: &actions))
        case UInt8(ascii: "w"):
            if isWebSocket { note(session.receive(binary: bytes, at: now, into: &actions)) }
        case UInt8(ascii: "Z"): if isWebSocket { session.webSocketClosed(into: &actions) }
        case UInt8(ascii: "S"):
            if !bytes.contains(0x1E) { session.send(into: &actions) { $0.append(bytes) } }
        case UInt8(ascii: "s"): session.send(binary: bytes, into: &actions)
        case UInt8(ascii: "K"):
            if let writer = session.takePoll() {
                try require(isPollWaiting, "a poll was lent that does not wait")
                isPollWaiting = false
                try require(!writer.finish().isEmpty, "an empty answer")
            }
        default: session.flush(into: &actions)
        }
    }

    private func note(_ message: EngineIOMessage?) { _ = message.map(EngineIOSeen.init) }

    private mutating func post(_ bytes: UnsafeRawBufferPointer) throws {
        try session.beginPost(contentType: "text/plain", byteCount: bytes.count, into: &actions)
        isPosting = true
        var body = [UInt8](bytes)
        body.withUnsafeMutableBytes { body in
            var payload = EngineIOPayloadReader(body)
            while let message = session.receive(&payload, at: now, into: &actions) { note(message) }
        }
        try finishPost()
    }

    private mutating func finishPost() throws {
        isPosting = false
        try session.finishPost()
    }

    /// Checks what the last call wanted done.
    private mutating func settle() throws {
        for action in actions {
            try require(!hasEnded, "\(action) behind the end")
            switch action {
            case .answerPoll(let body):
                try require(isPollWaiting, "an answer for nobody")
                isPollWaiting = false
                try require(!body.isEmpty, "an empty answer")
                let packets = body.withBytes { $0.split(separator: 0x1E, omittingEmptySubsequences: false).count }
                try require(packets <= 3, "\(packets) packets in an answer")
            case .sendProbe: try require(isProbing, "a probe that nobody waits for")
            case .adoptProbe, .closeProbe:
                try require(isProbing, "there is no WebSocket to be had")
                isProbing = false
            case .sendText, .sendBinary, .closeWebSocket:
                try require(session.transport == .webSocket, "a frame without a WebSocket")
            case .end: hasEnded = true
            }
        }
        actions.removeAll(keepingCapacity: true)
        try require(session.hasPoll == isPollWaiting, "a poll was lost")
        try require(session.isUpgrading == isProbing, "a WebSocket was lost")
        try require((session.deadline == nil) == hasEnded && (session.ending != nil) == hasEnded, "an end in part")
        try require(session.queuedByteCount <= 96, "\(session.queuedByteCount) bytes wait")
        if let deadline = session.deadline { try require(deadline <= now + 50_000_000, "a deadline far away") }
    }
}
