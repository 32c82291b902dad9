/// What a node offers to the market, as tasks and its agent leave it.
public struct NodeListing: Hashable, Sendable {
    /// Whether new tasks may come: it is online.
    public var isAvailable: Bool
    /// Whether nothing of it is left to rent.
    public var isRented: Bool

    public init(isAvailable: Bool, isRented: Bool) {
        self.isAvailable = isAvailable
        self.isRented = isRented
    }
}

/// A node came on the market, left it, or was rented or given back as a whole.
public struct NodeListed: Hashable, Sendable {
    public var node: NodeID
    public var listing: NodeListing
    /// In millionths of a US dollar per hour; `nil` where its operator named none.
    public var pricePerHourMicros: Int64?
    public var updatedAt: Timestamp

    public init(node: NodeID, listing: NodeListing, pricePerHourMicros: Int64?, updatedAt: Timestamp) {
        self.node = node
        self.listing = listing
        self.pricePerHourMicros = pricePerHourMicros
        self.updatedAt = updatedAt
    }
}
