import Grid
import Testing

@testable import Fanout

@Suite("Frame note")
struct FrameNoteTests {
    private func logged(_ event: RoomEvent, node: NodeID) -> LoggedEvent {
        var facts = EventFacts()
        facts.node = node
        return LoggedEvent(
            position: LogPosition(epoch: 1, offset: 9), at: Timestamp(milliseconds: 0), facts: facts, event: event)
    }

    private func metrics(_ node: NodeID) -> RoomEvent {
        let time = Timestamp(milliseconds: 0)
        return .nodeMetrics(
            NodeMetrics(
                node: node, sample: NodeSample(sequence: 1, takenAt: time, intervalMilliseconds: 1000), gpus: [],
                health: .unknown))
    }

    @Test("metrics of one node have one subject, of two nodes two")
    func subjects() {
        let nodes = (0..<1000 as Range<UInt64>).map { NodeID(UUID128(high: $0 / 10 + 1, low: $0 % 10)) }
        let notes = nodes.map { FrameNote(logged(metrics($0), node: $0)) }
        #expect(Set(notes.map(\.subject)).count == nodes.count)
        #expect(notes.allSatisfy { $0.subject != 0 && $0.offset == 9 })
        #expect(FrameNote(logged(metrics(nodes[5]), node: nodes[5])) == notes[5])
    }

    @Test("nothing may stand in for a status")
    func status() {
        let node = NodeID(UUID128(high: 1, low: 2))
        let event = RoomEvent.nodeStatus(
            NodeStatusChanged(
                node: node, status: .online, previous: nil, currentTask: nil, updatedAt: Timestamp(milliseconds: 0),
                sample: nil, health: .unknown))
        #expect(FrameNote(logged(event, node: node)) == FrameNote(subject: 0, offset: 9))
    }

    private func progress(_ task: TaskID, on node: NodeID) -> RoomEvent {
        .taskProgressed(
            TaskProgressed(
                task: task, number: 1, job: "j", node: node, epoch: 1,
                progress: ProgressReport(sequence: 1, percent: 50), at: Timestamp(milliseconds: 0)))
    }

    @Test("progress has its task for a subject, whatever the node")
    func progressOfTasks() {
        let node = NodeID(UUID128(high: 1, low: 2))
        let tasks = (0..<1000 as Range<UInt64>).map { TaskID(UUID128(high: $0 / 10 + 1, low: $0 % 10)) }
        let notes = tasks.map { FrameNote(logged(progress($0, on: node), node: node)) }
        #expect(Set(notes.map(\.subject)).count == tasks.count)
        #expect(notes.allSatisfy { $0.subject != 0 })
        let elsewhere = NodeID(UUID128(high: 3, low: 4))
        #expect(FrameNote(logged(progress(tasks[5], on: elsewhere), node: elsewhere)) == notes[5])
    }

    @Test("nothing may stand in for a task's state, nor for money")
    func tasks() {
        let node = NodeID(UUID128(high: 1, low: 2))
        let task = TaskID(UUID128(high: 5, low: 6))
        let (user, time) = (UserID("u"), Timestamp(milliseconds: 0))
        for state in TaskState.allCases {
            let event = TaskUpdated(
                kind: .status, task: task, number: 1, job: "j", owner: user, state: state, previous: .running,
                node: node, epoch: 1, updatedAt: time, currency: .usd)
            #expect(FrameNote(logged(.taskUpdated(event), node: node)).subject == 0)
        }
        let assigned = TaskAssigned(
            task: task, number: 1, job: "j", owner: user, node: node, epoch: 1, priority: 5, assignedAt: time)
        #expect(FrameNote(logged(.taskAssigned(assigned), node: node)).subject == 0)
        let balance = BalanceUpdated(user: user, balances: [], updatedAt: time)
        #expect(FrameNote(logged(.balanceUpdated(balance), node: node)).subject == 0)
    }

    @Test("skipped frames add up")
    func skipped() {
        var sum = SkippedFrames()
        sum.add(SkippedFrames())
        #expect(sum == SkippedFrames())
        sum.add(SkippedFrames(count: 2, fromOffset: 5, toOffset: 9))
        sum.add(SkippedFrames(count: 1, fromOffset: 12, toOffset: 12))
        #expect(sum == SkippedFrames(count: 3, fromOffset: 5, toOffset: 12))
    }
}
