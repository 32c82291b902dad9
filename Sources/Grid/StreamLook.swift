/// What a session that follows several rooms as one stream looks at in one of them.
public struct StreamLook: Hashable, Sendable {
    public var room: BaseRoom
    public var view: ViewID
    /// What follows stands behind it.
    public var from: LogPosition

    public init(room: BaseRoom, view: ViewID, from: LogPosition) {
        self.room = room
        self.view = view
        self.from = from
    }
}
