import Grid
import Testing

@testable import Wire

@Suite("TriggerX dialect: rooms")
struct TriggerXRoomTests {
    private static let uuid = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

    @Test(
        "A room's name and the room are one",
        arguments: [
            "job:123", "job:a b/c:d", "job:\u{301}e", "task:1", "task:0", "task:18446744073709551615", "task:\(uuid)",
            "user:user_123", "user:user:1", "task:456", "user:user_789",
            "job:" + String(repeating: "n", count: Limits.jobIDBytes),
        ])
    func names(_ name: String) throws {
        let room = try #require(TriggerXRoom(name))
        #expect(room.name.utf8.elementsEqual(name.utf8) && TriggerXRoom(room: room.room) == room)
    }

    @Test(
        "What is none",
        arguments: [
            "", "job", "job:", "Job:1", "room:1", "nodes", "task:", "task:x", "task:+1", "task:01", "task:-1",
            "task:18446744073709551616", "task:1 ", "user:", "job:\n", "job:\u{7F}", " job:1",
            "job:" + String(repeating: "n", count: Limits.jobIDBytes + 1),
        ])
    func none(_ name: String) { #expect(TriggerXRoom(name) == nil) }

    @Test("A task has two rooms of its own, by number and by UUID")
    func tasks() throws {
        let task = try #require(TaskID(Self.uuid))
        #expect(TriggerXRoom("task:\(Self.uuid)")?.room == .task(task))
        #expect(TriggerXRoom("task:7")?.room == .numberedTask(7))
        #expect(TriggerXRoom("user:u")?.room == .tasksOf(UserID("u")))
        #expect(TriggerXRoom(room: .base(.tasks)) == nil)
    }
}
