import CLinux
import Glibc

/// Typed epoll calls and the words of its events; no handlers.
struct Epoll {
    static let readable: UInt32 = 0x001
    static let writable: UInt32 = 0x004
    static let failed: UInt32 = 0x008
    static let hungUp: UInt32 = 0x010
    static let peerClosed: UInt32 = 0x2000
    static let edgeTriggered: UInt32 = 1 << 31

    /// What every channel is registered for, once.
    static let channelEvents = readable | writable | peerClosed | edgeTriggered
    /// What tells of the end of a stream or worse.
    static let ending = peerClosed | hungUp | failed

    let descriptor: Int32

    init() throws(SystemError) {
        descriptor = try Syscall.check(epoll_create1(Int32(EPOLL_CLOEXEC)), "epoll_create1")
    }

    /// Registers a descriptor; `key` comes back with its events.
    func add(_ target: Int32, events: UInt32, key: UInt64) throws(SystemError) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: key))
        try Syscall.check(epoll_ctl(descriptor, EPOLL_CTL_ADD, target, &event), "epoll_ctl")
    }

    /// Changes what a registered descriptor waits for.
    func modify(_ target: Int32, events: UInt32, key: UInt64) throws(SystemError) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: key))
        try Syscall.check(epoll_ctl(descriptor, EPOLL_CTL_MOD, target, &event), "epoll_ctl")
    }

    /// Forgets a descriptor that stays open.
    func remove(_ target: Int32) throws(SystemError) {
        var event = epoll_event()
        try Syscall.check(epoll_ctl(descriptor, EPOLL_CTL_DEL, target, &event), "epoll_ctl")
    }

    /// Waits for events, at most `timeoutMilliseconds` (-1: for ever). A signal counts as no event.
    func wait(_ events: UnsafeMutableBufferPointer<epoll_event>, timeoutMilliseconds: Int32) -> Int {
        let result = epoll_wait(descriptor, events.baseAddress, Int32(events.count), timeoutMilliseconds)
        if result >= 0 { return Int(result) }
        let error = errno
        precondition(error == EINTR, "epoll_wait failed with errno \(error)")
        return 0
    }
}
