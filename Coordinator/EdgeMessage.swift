internal import Bytes
internal import Fanout
internal import Grid
internal import Hub

/// What the Hub's side tells an edge loop, in order.
enum EdgeMessage: Sendable {
    /// Shared bytes, or a change of who looks at them.
    case fanout(Publisher.Message)
    /// A private effect for a session of that loop.
    case effect(Effect)
    /// Frames of what a session missed of a log. Unless they are the last, it is asked for more when they are sent.
    case replay(SessionID, BaseRoom, ByteBuffer, isLast: Bool)
    /// Frames of what a session that follows several rooms has not seen; the same.
    case streamReplay(SessionID, ByteBuffer, isLast: Bool)
    /// Close the sessions that were opened with tokens which were taken back.
    indirect case revoked(Revocation)
    /// Close the sessions that were opened with an API key which was taken back.
    case apiKeyRevoked(APIKeyID)
    /// A NeuroGraph client of that session is back in another one: end it.
    case fence(SessionID)
    /// What a returned client left is there for its session.
    case predecessorLeft(SessionID)
    /// A message to one NeuroGraph client, which is in that session.
    indirect case letter(SessionID, client: UUID128, ByteBuffer)
    /// A connection whose request belongs to a session of the receiver.
    case moved(MovedConnection)
    /// Answer with the loop's measures.
    case measure(MeasureRequest)
    /// Some thread's answer to a question of this loop.
    indirect case measured(UInt64, Measures)
    /// Show that the loop turns.
    case beat
    /// Let nobody in, say goodbye to one session after the other, then end.
    case drain
    /// Get done with the drain.
    case hurry
    /// Another loop has ended; told to the first.
    case siblingEnded
}
