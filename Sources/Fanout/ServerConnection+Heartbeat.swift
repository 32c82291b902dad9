internal import Grid
internal import Reactor
internal import Web

/// Whether the peer of a WebSocket is still there.
extension ServerConnection {
    /// Pings a peer that has been silent for an interval, and gives it up when another one passes without an answer.
    ///
    /// Only the peer's own silence counts: a loop that stood still asks and waits anew before it gives up, and an
    /// answer that waits in the socket because the loop has not come round to it yet was given in time.
    public final func keepHeartbeat(intervalNanoseconds interval: UInt64) {
        guard interval > 0 else { return }
        let now = loop.now
        if now - lastHeard < interval {
            deadline = lastHeard + interval
        } else if !awaitsPong {
            awaitsPong = true
            sendFrame(.ping, UnsafeRawBufferPointer(start: nil, count: 0))
            deadline = now + interval
        } else if now - loop.wakefulSince < interval {
            deadline = loop.wakefulSince + interval
        } else if hasUnreadInput {
            deadline = now + interval
        } else {
            closeWebSocket(code: CloseReason.noHeartbeat.code, reason: CloseReason.noHeartbeat.text)
        }
    }
}
