import Glibc
import Reactor

/// Where to connect: a host and port, or a Unix socket in place of them.
struct Destination: Hashable {
    var host: String
    var port: UInt16
    var unixPath: String?
}

/// Opens connections to named hosts on one loop. Names are resolved on threads of their own, one for each name that is
/// being asked for; the addresses are tried in order until one connects.
final class HostDialer {
    private struct Answer: Sendable {
        let name: Name
        let addresses: Result<[SocketAddress], ResolverError>
    }

    struct Name: Hashable, Sendable {
        let host: String
        let port: UInt16
    }

    let loop: EventLoop
    private let answers: Mailbox<Answer>
    private var waiting: [Name: [HostDial]] = [:]

    init(on loop: EventLoop) {
        self.loop = loop
        do {
            answers = try Mailbox(capacity: 1024)
        } catch {
            preconditionFailure("a mailbox could not be made: \(error)")
        }
        answers.attach(to: loop) { [unowned self] batch in
            for answer in batch { deliver(answer) }
        }
    }

    /// Opens no more connections; resolutions still on their way are forgotten.
    func close() {
        answers.close()
        answers.detach(from: loop)
        waiting.removeAll()
    }

    /// Connects before `deadline` (monotonic nanoseconds) and calls `completion` once, in a later turn.
    func open(
        _ destination: Destination, deadline: UInt64, completion: @escaping (Result<Int32, DialError>) -> Void
    ) -> HostDial {
        let dial = HostDial(loop: loop, deadline: deadline, completion: completion)
        if let path = destination.unixPath {
            dial.connect(to: [.unix(path: path)])
            return dial
        }
        let numeric =
            destination.host.contains(":")
            ? "[\(destination.host)]:\(destination.port)" : "\(destination.host):\(destination.port)"
        if let address = SocketAddress.parse(numeric) {
            dial.connect(to: [address])
        } else {
            dial.startTimer()
            resolve(Name(host: destination.host, port: destination.port), for: dial)
        }
        return dial
    }

    private func resolve(_ name: Name, for dial: HostDial) {
        waiting[name, default: []].append(dial)
        if waiting[name]?.count ?? 0 > 1 { return }
        let answers = self.answers
        LoopThread.start(name: "resolver") {
            answers.post(Answer(name: name, addresses: Resolver.resolve(host: name.host, port: name.port)))
        }.detach()
    }

    private func deliver(_ answer: Answer) {
        for dial in waiting.removeValue(forKey: answer.name) ?? [] {
            switch answer.addresses {
            case .success(let addresses): dial.connect(to: addresses)
            case .failure(let error): dial.finish(.failure(.unresolved(error)))
            }
        }
    }
}

/// One connection that a host dialer opens.
final class HostDial {
    private let loop: EventLoop
    private let deadline: UInt64
    private var completion: ((Result<Int32, DialError>) -> Void)?
    private var timer: TimerID?
    private var attempt: ConnectionAttempt?
    private var remaining: ArraySlice<SocketAddress> = []

    init(loop: EventLoop, deadline: UInt64, completion: @escaping (Result<Int32, DialError>) -> Void) {
        self.loop = loop
        self.deadline = deadline
        self.completion = completion
    }

    /// Bounds the time of the resolution; the attempts that follow have their own timeouts.
    func startTimer() {
        timer = loop.schedule(afterNanoseconds: timeLeft) { [self] in
            timer = nil
            finish(.failure(.timedOut))
        }
    }

    func connect(to addresses: [SocketAddress]) {
        if completion == nil { return }
        stopTimer()
        remaining = addresses[...]
        tryNext(after: nil)
    }

    func cancel() {
        completion = nil
        stopTimer()
        attempt?.cancel()
        attempt = nil
    }

    func finish(_ result: Result<Int32, DialError>) {
        guard let completion else { return }
        self.completion = nil
        stopTimer()
        attempt = nil
        completion(result)
    }

    private func tryNext(after error: SystemError?) {
        guard timeLeft > 0 else {
            // Perhaps still within the call that began the dial.
            loop.nextTurn { [self] in finish(.failure(.timedOut)) }
            return
        }
        guard let address = remaining.popFirst() else {
            guard let error else { preconditionFailure("a resolved name has an address") }
            return finish(.failure(.unreachable(error)))
        }
        // Each address gets its share of the time that is left, so that a silent first one cannot use it all up.
        let share = timeLeft / UInt64(remaining.count + 1)
        let isLast = remaining.isEmpty
        attempt = Connector.connect(to: address, on: loop, timeoutNanoseconds: share) { [self] result in
            switch result {
            case .success(let descriptor): finish(.success(descriptor))
            case .failure(let error) where error.errno == ETIMEDOUT && isLast: finish(.failure(.timedOut))
            case .failure(let error): tryNext(after: error)
            }
        }
    }

    private var timeLeft: UInt64 {
        let now = Clock.monotonicNanoseconds()
        return deadline > now ? deadline - now : 0
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}
