internal import Grid

extension Hub {
    /// An operator's wish for a node: the node and its token are stored, then the operator is answered.
    mutating func onEnrolmentRequested(
        _ request: RequestID, _ wish: EnrolmentRequest, _ now: Now, _ effects: inout [Effect]
    ) {
        if let refusal = refusal(of: wish) {
            effects.append(.answer(request, .refused(refusal)))
            return
        }
        var node = NodeRecord(
            id: wish.node, name: wish.name, owner: wish.owner, location: wish.location, enrolledAt: now.wall)
        node.pricePerHourMicros = wish.pricePerHourMicros
        let enrolment = EnrolmentRecord(
            tokenDigest: wish.tokenDigest, node: wish.node,
            expiresAt: now.wall.adding(milliseconds: wish.timeToLiveSeconds * 1000))
        nodes.insert(node)
        enrolments.insert(enrolment)
        if users.insert(wish.owner).inserted {
            effects.append(.persist(.user(UserRecord(id: wish.owner, createdAt: now.wall))))
        }
        effects.append(.persist(.node(node)))
        effects.append(.persist(.enrolment(enrolment)))
        account(
            AuditEntry(at: now.wall, kind: .enrolmentRequested, node: wish.node, user: wish.owner, detail: wish.name),
            now,
            &effects)
        effects.append(.answer(request, .enrolled(wish.node)))
    }

    /// The longest that a token may wait for its agent.
    private static let longestTimeToLiveSeconds: Int64 = 7 * 24 * 3600

    private func refusal(of wish: EnrolmentRequest) -> Refusal? {
        guard !isDraining else { return Refusal(.unavailable, "The coordinator is stopping") }
        guard Self.isNamed(wish.owner.text, Limits.userIDBytes) else {
            return Refusal(.badRequest, "An owner has 1 to \(Limits.userIDBytes) bytes")
        }
        guard Self.isNamed(wish.name, Limits.nodeNameBytes) else {
            return Refusal(.badRequest, "A node's name has 1 to \(Limits.nodeNameBytes) bytes")
        }
        let place = wish.location
        guard [place.region, place.city, place.country].allSatisfy({ $0.utf8.count <= Limits.regionBytes }) else {
            return Refusal(.badRequest, "Region, city and country have at most \(Limits.regionBytes) bytes each")
        }
        guard wish.pricePerHourMicros ?? 0 >= 0 else { return Refusal(.badRequest, "A price is not negative") }
        guard (1...Self.longestTimeToLiveSeconds).contains(wish.timeToLiveSeconds) else {
            return Refusal(.badRequest, "A join token lives 1 to \(Self.longestTimeToLiveSeconds) seconds")
        }
        guard nodes.count < configuration.maximumNodes else {
            return Refusal(.unavailable, "As many nodes are enrolled as may be")
        }
        // Both are drawn from 122 bits or more: a double is a caller's mistake, answered instead of trapped on.
        guard nodes.index(of: wish.node) == nil, !enrolments.contains(wish.tokenDigest) else {
            return Refusal(.badRequest, "That node or join token is enrolled already")
        }
        return nil
    }

    private static func isNamed(_ text: String, _ limit: Int) -> Bool { !text.isEmpty && text.utf8.count <= limit }
}
