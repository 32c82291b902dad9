internal import Grid
internal import Wire

/// What a ``Publisher`` has done since it was made.
public struct PublisherStatistics: Sendable {
    /// Events that at least one class carried, by ``BaseRoom``'s raw value.
    public internal(set) var publishedByRoom = [UInt64](repeating: 0, count: BaseRoom.allCases.count)
    /// Encodings, one an event and dialect whatever the framings and subscribers, by ``Dialect``'s raw value.
    public private(set) var encodedByDialect = [UInt64](repeating: 0, count: Dialect.allCases.count)
    /// The bytes of those encodings.
    public private(set) var encodedBytes: UInt64 = 0

    /// Nothing done yet.
    public init() {}

    mutating func noteEncoding(_ dialect: Dialect, bytes: Int) {
        encodedByDialect[Int(dialect.rawValue)] += 1
        encodedBytes += UInt64(bytes)
    }
}

extension Publisher {
    /// Events that at least one class carried.
    public var publishedCount: UInt64 { statistics.publishedByRoom.reduce(0, +) }

    /// Encodings so far, one an event and dialect whatever the framings.
    public var encodedCount: UInt64 { statistics.encodedByDialect.reduce(0, +) }
}
