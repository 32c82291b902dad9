internal import Glibc
internal import Reactor

/// A short command that tidies up behind a run, such as the docker client that removes a container whose own client was
/// killed. It has half a minute.
final class Removal {
    private static let patienceNanoseconds: UInt64 = 30_000_000_000
    private var process: TaskProcess?
    private let done: (Removal) -> Void

    /// Starts it; `nil` where that is not possible.
    ///
    /// - Parameter done: called on the loop when it has ended.
    init?(_ order: LaunchOrder, host: RunnerHost, done: @escaping (Removal) -> Void) {
        self.done = done
        guard
            let process = try? TaskProcess(
                executable: host.executable, on: host.loop, handle: { [unowned self] event in take(event) })
        else { return nil }
        self.process = process
        process.setDeadline(Clock.monotonicNanoseconds() + Self.patienceNanoseconds)
        process.launch(order)
    }

    private func take(_ event: TaskProcess.Event) {
        switch event {
        case .started, .output: return
        case .failed, .ended:
            // Whoever holds this may let it go now.
            withExtendedLifetime(self) {
                process = nil
                done(self)
            }
        }
    }

    /// Lets it go; its guard ends it.
    func abandon() {
        process?.abandon()
        process = nil
    }
}
