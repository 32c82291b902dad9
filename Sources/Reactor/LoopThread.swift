import CLinux
import Glibc

/// A named thread. What lives on it is created inside its body.
public final class LoopThread: Sendable {
    private let thread: Guarded<pthread_t?>

    private init(_ thread: pthread_t) { self.thread = Guarded(thread) }

    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread that runs `body`. Of the name at most 15 bytes are kept.
    public static func start(name: String, body: @Sendable @escaping () -> Void) -> LoopThread {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                clinux_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        precondition(result == 0, "pthread_create failed with errno \(result)")
        return LoopThread(thread)
    }

    /// Lets the thread end by itself: nobody will join it.
    public func detach() {
        let taken: pthread_t? = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let taken { pthread_detach(taken) }
    }

    /// Waits until the thread has ended. The first call does; later ones, and calls after
    /// ``detach()``, return at once.
    public func join() {
        let taken: pthread_t? = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let taken { pthread_join(taken, nil) }
    }
}
