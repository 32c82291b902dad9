internal import Grid

extension Hub {
    /// Somebody who may has something to say in a channel. It is no promise: nothing of it is stored.
    mutating func onBroadcastRequested(
        _ request: RequestID, _ message: ChannelMessage, _ now: Now, _ effects: inout [Effect]
    ) {
        rooms.publish(.channelMessage(message), EventFacts(), now, &effects)
        effects.append(.answer(request, .broadcast(message.channel)))
    }
}
