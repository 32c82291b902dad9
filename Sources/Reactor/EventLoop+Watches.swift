/// A cold descriptor and what to do about it.
struct Watch {
    let generation: UInt32
    let body: () -> Void
}

extension EventLoop {
    /// Calls `body` in every turn in which the descriptor has something to read (or has ended): level-triggered, for
    /// the few cold descriptors such as signalfd, pipes and pidfd. The descriptor stays the caller's.
    public func watch(fileDescriptor: Int32, _ body: @escaping () -> Void) throws(SystemError) {
        try watch(fileDescriptor: fileDescriptor, events: Epoll.readable, body)
    }

    func watch(fileDescriptor: Int32, events: UInt32, _ body: @escaping () -> Void) throws(SystemError) {
        precondition(watches[fileDescriptor] == nil, "a descriptor is watched once")
        watchGeneration &+= 1
        // All ones is the wakeup's own key.
        if watchGeneration == .max { watchGeneration = 1 }
        let watch = Watch(generation: watchGeneration, body: body)
        try epoll.add(fileDescriptor, events: events, key: watchKey(fileDescriptor, watch.generation))
        watches[fileDescriptor] = watch
    }

    /// Changes what a watch waits for; 0 rests it.
    func changeWatch(fileDescriptor: Int32, events: UInt32) throws(SystemError) {
        guard let watch = watches[fileDescriptor] else { preconditionFailure("no such watch") }
        try epoll.modify(fileDescriptor, events: events, key: watchKey(fileDescriptor, watch.generation))
    }

    /// Ends a watch, before the descriptor is closed.
    public func unwatch(fileDescriptor: Int32) {
        guard watches.removeValue(forKey: fileDescriptor) != nil else { return }
        try? epoll.remove(fileDescriptor)
    }

    private func watchKey(_ descriptor: Int32, _ generation: UInt32) -> UInt64 {
        UInt64(generation) << 32 | Self.watchBit | UInt64(UInt32(bitPattern: descriptor))
    }

    func watchReported(_ key: UInt64) {
        let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: key & ~Self.watchBit))
        guard let watch = watches[descriptor], watch.generation == UInt32(truncatingIfNeeded: key >> 32) else {
            return
        }
        watch.body()
    }
}
