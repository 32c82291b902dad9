internal import Bytes
internal import Reactor
internal import Web

/// A client of one dialect: greets, perhaps subscribes, then counts what it is told.
final class DialectPeer: Peer {
    let dialect: LoadDialect
    private unowned let run: DialectsRun
    private var steps: [LoadDialect.Step]
    private var place = 0
    private var now: UInt64 = 0
    /// Events that came.
    private(set) var events: UInt64 = 0
    /// Another place that takes part when this one is ready; the crowd where it is nil.
    var connected: ((DialectPeer) -> Void)?

    init(fileDescriptor: Int32, crowd: Crowd, run: DialectsRun, dialect: LoadDialect, subscribes: Bool) {
        self.run = run
        self.dialect = dialect
        steps = dialect.greeting(run.credentials) + (subscribes ? [dialect.subscription(run.credentials)] : [])
        super.init(fileDescriptor: fileDescriptor, crowd: crowd)
    }

    private var isListening: Bool { place == steps.count }

    override func opened() { proceed() }

    /// Says what the next step says, or takes part where there is none.
    private func proceed() {
        if isListening {
            if let connected { connected(self) } else { ready() }
            steps = []
            place = 0
            return
        }
        guard let text = steps[place].says else { return }
        var buffer = ByteBuffer(capacity: 512)
        buffer.append(text)
        sendText(buffer)
    }

    /// Says that it is there, where the dialect's clients have to.
    func ping() {
        guard dialect == .qubix, isListening, !isClosed else { return }
        var buffer = ByteBuffer(capacity: 32)
        buffer.append(#"{"type":"ping"}"#)
        sendText(buffer)
    }

    override func readBegins() { now = Clock.monotonicNanoseconds() }

    override func message(_ bytes: UnsafeRawBufferPointer) {
        if let answer = dialect.answer(toPing: bytes) {
            return sendFrame(.text, UnsafeRawBufferPointer(start: answer.utf8Start, count: answer.utf8CodeUnitCount))
        }
        if isListening {
            guard dialect.isEvent(bytes, of: run.trigger) else { return run.disturb(now) }
            events += 1
            return run.take(bytes: bytes.count, now: now)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix(steps[place].awaits) {
            place += 1
            proceed()
        } else if text.prefix(64).lowercased().contains("error") {
            fail("\(dialect.rawValue): \(text.prefix(200))")
        }
    }
}
