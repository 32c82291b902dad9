internal import Fanout
internal import Grid
internal import Hub

/// What the Hub's side tells an edge loop, in order.
enum EdgeMessage: Sendable {
    /// Shared bytes, or a change of who looks at them.
    case fanout(Publisher.Message)
    /// A private effect for a session of that loop.
    case effect(Effect)
    /// Stop accepting, say goodbye to every session, then end.
    case drain
}
