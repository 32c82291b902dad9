internal import Reactor

/// An address that cannot be listened on. Two are in play, the clients' and the operator's: the bare system call would
/// leave open which.
struct ListenFailure: Error, CustomStringConvertible {
    let address: SocketAddress
    let cause: SystemError

    var description: String { "cannot listen on \(address): \(cause)" }
}
