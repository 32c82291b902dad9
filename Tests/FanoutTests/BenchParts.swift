import Glibc
import Grid
import Reactor

@testable import Fanout

// What benches of a fan-out share, whatever their subscribers speak.

/// Two sockets that are each other's end; neither waits.
///
/// - Parameter sendBytes: about how many unsent bytes the near one holds; `nil` = what the kernel gives.
func socketPair(sendBytes: Int32? = nil) throws(SystemError) -> (near: Int32, far: Int32) {
    var ends: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemError(errno: errno, call: "socketpair") }
    if var size = sendBytes {
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    return (ends[0], ends[1])
}

extension LoopFanout {
    /// Takes in what the publisher says.
    ///
    /// - Parameter subscriber: the session's; `nil` for one that is gone, whose views change no more.
    func take(_ message: Publisher.Message, _ subscriber: (SessionID) -> SubscriberChannel?) {
        switch message {
        case .delivery(let delivery):
            receive(delivery)
        case .viewChanged(let session, let classIndex, let view, let position, let from):
            guard let subscriber = subscriber(session) else { return }
            setView(of: subscriber, classIndex: classIndex, view: view, position: position, from: from)
        }
    }
}
