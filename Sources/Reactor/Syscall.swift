import CLinux
import Glibc

/// The policy for what system calls answer, in one place.
///
/// EINTR is repeated. EBADF, EFAULT, ENOTSOCK and EINVAL on a transfer are our own faults (a descriptor used after its
/// close may already be somebody else's connection), so they trap. EAGAIN and the world's errors go to the caller as
/// a negative errno.
enum Syscall {
    /// `recv(2)`; bytes read, 0 at the end of the stream, or a negative errno.
    @inline(__always)
    static func receive(_ descriptor: Int32, _ base: UnsafeMutableRawPointer, _ count: Int) -> Int {
        while true {
            let result = recv(descriptor, base, count, Int32(MSG_DONTWAIT))
            if result >= 0 { return result }
            let error = errno
            if error == EINTR { continue }
            trapOwnFault(error, "recv")
            return -Int(error)
        }
    }

    /// Whether `recv(2)` would answer something other than EAGAIN.
    static func hasInput(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        let result = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
        return result >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
    }

    /// `send(2)` that never blocks and never signals; bytes taken, or a negative errno.
    @inline(__always)
    static func send(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
        while true {
            let result = Glibc.send(descriptor, base, count, sendFlags)
            if result >= 0 { return result }
            let error = errno
            if error == EINTR { continue }
            trapOwnFault(error, "send")
            return -Int(error)
        }
    }

    /// `sendmsg(2)` of several ranges; bytes taken, or a negative errno.
    static func send(_ descriptor: Int32, _ vectors: UnsafeBufferPointer<iovec>) -> Int {
        var message = msghdr()
        message.msg_iov = UnsafeMutablePointer(mutating: vectors.baseAddress)
        message.msg_iovlen = vectors.count
        while true {
            let result = sendmsg(descriptor, &message, sendFlags)
            if result >= 0 { return result }
            let error = errno
            if error == EINTR { continue }
            trapOwnFault(error, "sendmsg")
            return -Int(error)
        }
    }

    /// `accept4(2)`, non-blocking and closed on exec; a descriptor, or a negative errno.
    static func accept(_ listener: Int32, _ address: inout sockaddr_storage) -> Int {
        while true {
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let result = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { clinux_accept(listener, $0, &length) }
            }
            if result >= 0 { return Int(result) }
            let error = errno
            if error == EINTR { continue }
            trapOwnFault(error, "accept4")
            return -Int(error)
        }
    }

    /// Closes a descriptor once. EINTR is not repeated: Linux has freed the number by then.
    static func close(_ descriptor: Int32) {
        if Glibc.close(descriptor) != 0 { trapOwnFault(errno, "close") }
    }

    /// Throws what `call` put into errno when `result` is negative, else answers `result`; repeats nothing.
    @discardableResult
    static func check(_ result: Int32, _ call: StaticString) throws(SystemError) -> Int32 {
        if result >= 0 { return result }
        throw SystemError(errno: errno, call: call)
    }

    /// Sets an integer socket option.
    static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) throws(SystemError) {
        var value = value
        try check(
            setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)), "setsockopt")
    }

    /// The socket's pending error, taken from it; 0 when there is none.
    static func takeSocketError(_ descriptor: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) != 0 {
            let error = errno
            trapOwnFault(error, "getsockopt")
            return error
        }
        return value
    }

    private static let sendFlags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)

    @inline(__always)
    private static func trapOwnFault(_ error: Int32, _ call: StaticString) {
        if error == EBADF || error == EFAULT || error == ENOTSOCK {
            fatalError("\(call) on a descriptor or buffer that is not ours: errno \(error)")
        }
    }
}
