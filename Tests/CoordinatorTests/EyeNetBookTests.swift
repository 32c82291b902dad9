import Grid
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("An EyeNet client's subscriptions")
struct EyeNetBookTests {
    private var book = EyeNetBook()
    private static let device = EyeNetSubscription.device(NodeID(UUID128(high: 1, low: 2)))

    @Test("One of several rooms is there when all rooms are, and gone when all are left")
    mutating func rooms() throws {
        let rooms = Self.device.rooms
        #expect(book.ask(.subscribed, Self.device, 1) == nil && book.holds(Self.device) && book.count == 1)
        for room in rooms.dropLast() { #expect(book.settle(.subscribed, room, refusal: nil) == nil) }
        let last = try #require(rooms.last)
        let settled = book.settle(.subscribed, last, refusal: nil)
        let wish = try #require(settled)
        #expect(wish.subscription == Self.device && wish.id == 1 && wish.refusal == nil)
        #expect(book.settle(.subscribed, last, refusal: nil) == nil, "nobody asked again")
        #expect(book.ask(.unsubscribed, Self.device, nil) == nil && !book.holds(Self.device) && book.count == 1)
        for room in rooms { _ = book.settle(.unsubscribed, room, refusal: nil) }
        #expect(book.count == 0)
    }

    @Test("One that is refused in any room is none")
    mutating func refused() throws {
        _ = book.ask(.subscribed, Self.device, 1)
        var wish: EyeNetBook.Wish?
        for (place, room) in Self.device.rooms.enumerated() {
            wish = book.settle(.subscribed, room, refusal: place == 0 ? Refusal(.forbidden, "no") : nil)
        }
        #expect(wish?.refusal?.code == .forbidden)
        #expect(book.count == 0 && !book.holds(Self.device))
    }

    @Test("What nobody can answer is settled at once")
    mutating func nobody() {
        let nobody = EyeNetSubscription.nobody("router-1")
        #expect(book.ask(.subscribed, nobody, 3)?.id == 3 && book.count == 1)
        #expect(book.ask(.subscribed, nobody, 4)?.id == 4 && book.count == 1)
        #expect(book.ask(.unsubscribed, nobody, nil)?.outcome == .unsubscribed && book.count == 0)
    }

    @Test("The same wish twice is two answers and one subscription")
    mutating func twice() {
        let topic = EyeNetSubscription.topic(.alerts)
        _ = book.ask(.subscribed, topic, 1)
        _ = book.ask(.subscribed, topic, 2)
        #expect(book.count == 1)
        #expect(book.settle(.subscribed, .base(.alerts), refusal: nil)?.id == 1)
        #expect(book.settle(.subscribed, .base(.alerts), refusal: nil)?.id == 2)
    }

    @Test("Left before its join was refused, it is refused twice")
    mutating func unjoined() {
        let topic = EyeNetSubscription.topic(.ml)
        _ = book.ask(.subscribed, topic, 1)
        _ = book.ask(.unsubscribed, topic, 2)
        #expect(!book.holds(topic))
        let refusal = Refusal(.forbidden, "no")
        #expect(book.settle(.subscribed, .base(.predictions), refusal: refusal)?.id == 1)
        #expect(book.settleUnjoined(Refusal(.notInRoom, "no"))?.id == 2)
        #expect(book.settleUnjoined(refusal) == nil && book.count == 0)
    }
}
