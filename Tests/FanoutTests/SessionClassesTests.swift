import Grid
import Testing
import Wire

@testable import Fanout

@Suite("A session's classes")
struct SessionClassesTests {
    private static func key(_ room: BaseRoom) -> ClassKey {
        ClassKey(room: room, dialect: .native, framing: .webSocketDeflate)
    }

    @Test("hold what was put in and not taken out again", arguments: 1...20)
    func followsASet(seed: UInt64) {
        var classes = SessionClasses(like: Self.key(.nodes))
        var model: Set<ClassKey> = []
        var state = seed
        for _ in 0..<200 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = Self.key(BaseRoom.allCases[Int(state >> 40) % BaseRoom.allCases.count])
            if state >> 63 == 0 {
                classes.insert(key)
                model.insert(key)
            } else {
                classes.remove(key)
                model.remove(key)
            }
            #expect(Set(classes.keys) == model)
            #expect(classes.isEmpty == model.isEmpty)
            #expect(BaseRoom.allCases.allSatisfy { classes.contains(Self.key($0)) == model.contains(Self.key($0)) })
        }
    }

    @Test("are none of another framing's")
    func knowsItsFraming() {
        var classes = SessionClasses(like: Self.key(.tasks))
        classes.insert(Self.key(.tasks))
        #expect(!classes.contains(ClassKey(room: .tasks, dialect: .native, framing: .webSocket)))
    }

    @Test("take no more room than a word")
    func isSmall() { #expect(MemoryLayout<SessionClasses>.stride <= 8) }
}
