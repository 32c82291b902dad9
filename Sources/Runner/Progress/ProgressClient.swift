internal import Bytes
internal import CLinux
internal import Glibc

/// The task's side of the progress socket.
public enum ProgressClient {
    /// Why a line did not arrive.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is no agent at that path, or it does not answer.
        case unreachable(String)
        /// The agent refuses the line.
        case refused(String)

        public var description: String {
            switch self {
            case .unreachable(let reason): "the agent cannot be reached: \(reason)"
            case .refused(let reason): "the agent refuses it: \(reason)"
            }
        }
    }

    /// Sends a line and waits, at most so long, until the agent has looked at it.
    public static func send(
        _ message: ProgressMessage, to path: String, patienceMilliseconds: Int = 2000
    ) throws(Fault) {
        guard var target = UnixAddress(path) else { throw .unreachable("\(path): too long for a socket") }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .unreachable(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var own = UnixAddress()
        var patience = timeval(tv_sec: patienceMilliseconds / 1000, tv_usec: patienceMilliseconds % 1000 * 1000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        guard own.with({ bind(descriptor, $0, $1) }) == 0, target.with({ connect(descriptor, $0, $1) }) == 0 else {
            throw .unreachable("\(path): \(String(cString: strerror(errno)))")
        }
        let sent = message.line.withBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent >= 0 else { throw .unreachable("\(path): \(String(cString: strerror(errno)))") }
        var room = [UInt8](repeating: 0, count: 512)
        let count = recv(descriptor, &room, room.count, 0)
        guard count >= 0 else {
            throw .unreachable(errno == EAGAIN ? "no answer" : String(cString: strerror(errno)))
        }
        let answer = String(decoding: room[..<count], as: UTF8.self)
        guard answer == "ok" else { throw .refused(answer) }
    }
}
