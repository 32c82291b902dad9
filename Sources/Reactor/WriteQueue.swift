/// The private bytes that wait for one connection: one growing block, its front eaten as the socket takes bytes.
final class WriteQueue {
    private var base: UnsafeMutableRawPointer
    private(set) var capacity: Int
    private var head = 0
    private var tail = 0

    /// The room a queue starts with: a few control frames or one small answer.
    static let initialCapacity = 1024

    init() {
        capacity = Self.initialCapacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Bytes not yet taken by the socket.
    var count: Int { tail - head }

    /// The bytes not yet taken, valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + head, count: count) }

    /// Whether the socket has taken a part of what was appended since the queue was last empty.
    var isBegun: Bool { head > 0 }

    /// Appends a copy of `bytes`.
    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        if tail + bytes.count > capacity { makeRoom(for: bytes.count) }
        (base + tail).copyMemory(from: source, byteCount: bytes.count)
        tail += bytes.count
    }

    /// Drops the first `n` bytes: the socket has them.
    func consume(_ n: Int) {
        precondition(n >= 0 && n <= count, "more consumed than queued")
        head += n
        if head == tail { reset() }
    }

    /// Forgets everything and keeps the block.
    func reset() {
        head = 0
        tail = 0
    }

    private func makeRoom(for extra: Int) {
        let waiting = count
        if waiting + extra <= capacity && head >= capacity / 2 {
            base.copyMemory(from: base + head, byteCount: waiting)
        } else {
            var larger = capacity
            while larger < waiting + extra { larger *= 2 }
            let block = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
            block.copyMemory(from: base + head, byteCount: waiting)
            base.deallocate()
            base = block
            capacity = larger
        }
        head = 0
        tail = waiting
    }
}
