import Glibc
import Testing

@testable import Reactor

struct SlotsTests {
    private func channel() -> Channel { Channel(fileDescriptor: 0) }

    private func insert(_ channel: Channel, into slots: inout Slots) {
        (channel.slot, channel.generation) = slots.insert(channel)
    }

    @Test func aReusedSlotRejectsTheOldGeneration() {
        var slots = Slots()
        let first = channel()
        insert(first, into: &slots)
        #expect(slots.channel(first.slot, first.generation) === first)
        slots.remove(first.slot)
        #expect(slots.channel(first.slot, first.generation) == nil)
        let second = channel()
        insert(second, into: &slots)
        #expect(second.slot == first.slot)
        #expect(slots.channel(first.slot, first.generation) == nil)
        #expect(slots.channel(second.slot, second.generation) === second)
        slots.remove(second.slot)
        slots.deallocate()
    }

    @Test func theTableGrowsAndKeepsEveryPlace() {
        var slots = Slots()
        let channels = (0..<1000).map { _ in channel() }
        for channel in channels { insert(channel, into: &slots) }
        #expect(slots.count == 1000)
        #expect(channels.allSatisfy { slots.channel($0.slot, $0.generation) === $0 })
        #expect(slots.channel(5000, 1) == nil)
        for channel in channels { slots.remove(channel.slot) }
        slots.deallocate()
    }

    @Test func theTableHoldsTheOnlyReferenceThatIsNeeded() {
        var slots = Slots()
        weak var kept: Channel?
        do {
            let channel = channel()
            insert(channel, into: &slots)
            kept = channel
        }
        #expect(kept != nil)
        slots.remove(0)
        #expect(kept == nil)
        slots.deallocate()
    }
}
