internal import Grid

/// What the platform's figures are counted from: who was seen when, and how tasks ended lately. Bounded, integers.
struct Analytics: Sendable {
    /// How tasks ended within one step of the window.
    private struct Step: Sendable {
        /// Which step of the monotonic clock it is.
        var number: UInt64 = .max
        var count: Int64 = 0
        var milliseconds: Int64 = 0
    }

    /// "Seen lately" and "lately" of responses: five minutes (EVENTS 14).
    static let windowNanoseconds: UInt64 = 300_000_000_000
    private static let steps: UInt64 = 60
    private static let stepNanoseconds = windowNanoseconds / steps

    /// When ``Grid/AnalyticsUpdated`` is told next, in monotonic nanoseconds; `nil` while nobody looks.
    var dueAt: UInt64?
    private var responses = [Step](repeating: Step(), count: Int(Analytics.steps))
    /// By the wall clock, as "the last closed minute" is for people.
    private var minute: Int64 = .min
    private var endedInMinute = 0
    private var endedInLastMinute = 0
    /// When users were last seen that may have no session any more.
    private var seen: [UserID: UInt64] = [:]
    private var sweepsAt = 1024

    // MARK: Users

    mutating func noteUser(_ user: UserID, _ now: Now) {
        seen[user] = now.monotonicNanoseconds
        guard seen.count > sweepsAt else { return }
        seen = seen.filter { Self.isRecent($0.value, now) }
        sweepsAt = max(1024, 2 * seen.count)
    }

    /// How many users were seen lately or have a session.
    func activeUsers(connected: some Sequence<UserID>, _ now: Now) -> Int {
        var users = Set(connected)
        for (user, at) in seen where Self.isRecent(at, now) { users.insert(user) }
        return users.count
    }

    /// Users that are remembered though they may have no session.
    var rememberedUsers: Int { seen.count }

    /// Whether that was in the last five minutes.
    static func isRecent(_ at: UInt64, _ now: Now) -> Bool {
        now.monotonicNanoseconds.distanceBehind(at) <= windowNanoseconds
    }

    // MARK: Tasks

    mutating func noteEnd(of task: TaskRecord, _ now: Now) {
        turnMinute(now)
        endedInMinute += 1
        let number = now.monotonicNanoseconds / Self.stepNanoseconds
        let place = Int(number % Self.steps)
        if responses[place].number != number { responses[place] = Step(number: number) }
        let (elapsed, overflow) = now.wall.milliseconds.subtractingReportingOverflow(task.createdAt.milliseconds)
        // No task takes a year, whatever the clock was set to meanwhile.
        let bounded = overflow ? 0 : min(max(elapsed, 0), 366 * 86_400_000)
        responses[place].count += 1
        responses[place].milliseconds += bounded
    }

    private mutating func turnMinute(_ now: Now) {
        let present = now.wall.milliseconds / 60_000
        guard present != minute else { return }
        endedInLastMinute = present == minute &+ 1 ? endedInMinute : 0
        endedInMinute = 0
        minute = present
    }

    /// Tasks that ended in the last closed minute.
    func endedInLastMinute(_ now: Now) -> Int {
        var copy = self
        copy.turnMinute(now)
        return copy.endedInLastMinute
    }

    /// From submission to end, the mean of the last five minutes; `nil` where no task ended.
    func averageResponseMilliseconds(_ now: Now) -> Int64? {
        let present = now.monotonicNanoseconds / Self.stepNanoseconds
        var (count, milliseconds): (Int64, Int64) = (0, 0)
        for step in responses where step.count > 0 && present.distanceBehind(step.number) < Self.steps {
            count += step.count
            milliseconds += step.milliseconds
        }
        return count > 0 ? (milliseconds + count / 2) / count : nil
    }
}
