internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// `/api/v1/nodes` and `/api/v1/trust`: what there is, and what administrators do about it.
extension Routes {
    /// `GET`: a page of nodes.
    func nodes(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, .nodeRead)
        let after = try incoming.cursor { NodeID($0) }
        return incoming.ask(.nodes(limit: try incoming.pageLimit(), after: after))
    }

    /// `GET …/{node_id}`.
    func node(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, .nodeRead)
        return incoming.ask(.node(try Self.node(name)))
    }

    /// `POST …/drain` and `…/undrain`: whether new tasks go there.
    func drain(_ name: String, drains: Bool, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let user = try claims(incoming.head, .admin).subject
        let node = try Self.node(name)
        try checkDisk()
        return incoming.push(.nodeDrainRequested(incoming.id, node, drains: drains, by: user))
    }

    /// `POST …/quarantine` with a reason, and `…/release`: whether the node is trusted.
    func quarantine(
        _ name: String, isQuarantined: Bool, _ incoming: IncomingRequest
    ) throws(Refusal) -> HTTPDecision {
        let user = try claims(incoming.head, .admin).subject
        let node = try Self.node(name)
        let detail =
            isQuarantined && !incoming.body.isEmpty
            ? try incoming.decoded { bytes throws(WireError) in try RESTCodec.quarantine(bytes) } : ""
        try checkDisk()
        return incoming.push(
            .nodeQuarantineRequested(
                incoming.id, node, isQuarantined: isQuarantined, detail: detail, by: user))
    }

    /// `GET /api/v1/trust`.
    func trust(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, .admin)
        return incoming.ask(.trust)
    }

    private static func node(_ name: String) throws(Refusal) -> NodeID {
        guard let node = NodeID(name) else { throw Refusal(.notFound, "no such node") }
        return node
    }
}
