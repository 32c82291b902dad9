/// A first-in, first-out queue with a fixed capacity: full, it refuses.
///
/// Its slots are allocated as they are first used. Copying the value copies on write.
public struct RingBuffer<Element> {
    /// The greatest number of elements.
    public let capacity: Int
    /// The number of elements now held.
    public private(set) var count = 0
    /// The slots: a first lap appends them, later laps reuse them.
    private var slots: [Element?] = []
    /// The slot of the oldest element.
    private var head = 0

    /// An empty queue for up to `capacity` elements, at least 1.
    public init(capacity: Int) {
        precondition(capacity > 0, "a ring buffer needs room")
        self.capacity = capacity
    }

    /// Whether no element is held.
    public var isEmpty: Bool { count == 0 }

    /// Whether the next ``append(_:)`` would be refused.
    public var isFull: Bool { count == capacity }

    /// Adds `element` as the newest; `false`, and nothing changed, when full.
    public mutating func append(_ element: Element) -> Bool {
        guard count < capacity else { return false }
        let slot = slot(count)
        if slot == slots.count { slots.append(element) } else { slots[slot] = element }
        count += 1
        return true
    }

    /// Removes and returns the oldest element; `nil` when empty.
    public mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        // Emptied at once, so that what the element owns is freed now.
        let element = slots[head].take()
        head = slot(1)
        count -= 1
        return element
    }

    /// The oldest element; `nil` when empty.
    public var first: Element? { count > 0 ? slots[head] : nil }

    /// The newest element; `nil` when empty.
    public var last: Element? { count > 0 ? slots[slot(count - 1)] : nil }

    /// Forgets all elements; the slots are kept for reuse where asked.
    public mutating func removeAll(keepingCapacity: Bool = false) {
        slots.removeAll(keepingCapacity: keepingCapacity)
        head = 0
        count = 0
    }

    /// The slot of the element at `offset` from the oldest.
    private func slot(_ offset: Int) -> Int {
        let index = head + offset
        return index < capacity ? index : index - capacity
    }
}

extension RingBuffer: RandomAccessCollection, MutableCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    /// The element at `index`, 0 being the oldest; the index must be below ``count``.
    public subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "index out of range")
            guard let element = slots[slot(index)] else { preconditionFailure("a live slot is never empty") }
            return element
        }
        set {
            precondition(index >= 0 && index < count, "index out of range")
            slots[slot(index)] = newValue
        }
    }
}

extension RingBuffer: Sendable where Element: Sendable {}
