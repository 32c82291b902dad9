internal import Grid

extension Hub {
    /// Lines of the coordinator's own log, for those who look at it; nothing here writes another one.
    mutating func onLinesLogged(_ lines: [LogLine], _ now: Now, _ effects: inout [Effect]) {
        for line in lines {
            let views = rooms.viewing(.logs, .others, EventFacts())
            if !views.isEmpty { rooms.publish(.lineLogged(line), EventFacts(), to: views, now, &effects) }
        }
    }

    /// Whether anybody looks at the coordinator's log.
    public var isLogViewed: Bool { rooms.views.isViewed(.logs) }
}
