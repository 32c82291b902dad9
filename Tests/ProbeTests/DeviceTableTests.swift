import Testing

@testable import Probe

@Suite struct DeviceTableTests {
    private func find(_ table: inout DeviceTable<Int>, _ name: String) -> Int? {
        var name = name
        return name.withUTF8 { table.find(UnsafeRawBufferPointer($0)) }
    }

    private func insert(_ table: inout DeviceTable<Int>, _ name: String, _ state: Int) {
        var name = name
        name.withUTF8 { _ = table.insert(UnsafeRawBufferPointer($0), state) }
    }

    @Test func findsInAnyOrder() throws {
        var table = DeviceTable<Int>()
        table.beginTurn()
        for (state, name) in ["a", "b", "c"].enumerated() { insert(&table, name, state) }
        table.endTurn()
        table.beginTurn()
        for (name, state) in [("c", 2), ("a", 0), ("b", 1)] {
            let index = try #require(find(&table, name))
            #expect(table[index] == state)
            #expect(table.name(at: index) == name)
        }
        #expect(find(&table, "d") == nil)
        table.endTurn()
        #expect(table.count == 3)
    }

    @Test func forgetsWhatIsNoLongerListed() throws {
        var table = DeviceTable<Int>()
        table.beginTurn()
        for (state, name) in ["a", "b", "c"].enumerated() { insert(&table, name, state) }
        table.endTurn()
        table.beginTurn()
        _ = find(&table, "a")
        _ = find(&table, "c")
        table.endTurn()
        table.beginTurn()
        #expect(table.count == 2)
        #expect(find(&table, "b") == nil)
        let kept = try #require(find(&table, "c"))
        #expect(table[kept] == 2)
    }

    @Test func newcomersKeepTheOthersStates() throws {
        var table = DeviceTable<Int>()
        table.beginTurn()
        insert(&table, "a", 1)
        insert(&table, "c", 3)
        table.endTurn()
        table.beginTurn()
        _ = find(&table, "a")
        insert(&table, "b", 2)
        let old = try #require(find(&table, "c"))
        #expect(table[old] == 3)
        let new = try #require(find(&table, "b"))
        #expect(table[new] == 2)
        table.endTurn()
        #expect(table.count == 3)
    }
}
