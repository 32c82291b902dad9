import Bytes
import Grid
import Testing

@testable import neurogrid_coordinator

@Suite("The clients that may come back")
struct ClientTableTests {
    private static let user = UserID("anna")
    private static let second: UInt64 = 1_000_000_000
    private static let start: UInt64 = 1000 * second

    private static func session(_ number: UInt64) -> SessionID { SessionID(bits: number) }

    private static func absence(_ number: UInt64) -> ClientTable.Absence {
        ClientTable.Absence(channels: [.signals], session: session(number))
    }

    private static func letter(_ text: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.append(text)
        return buffer
    }

    private static func left(_ arrival: ClientTable.Arrival) -> UInt64? {
        if case .back(let absence) = arrival { absence.session?.bits } else { nil }
    }

    @Test("Who comes back in time is given what it left, once")
    func comingBack() {
        let table = ClientTable(limit: 10)
        let (client, arrival) = table.arrive(as: nil, user: Self.user, session: Self.session(1), now: Self.start)
        guard case .new = arrival else {
            Issue.record("\(arrival)")
            return
        }
        #expect(table.leave(client, session: Self.session(1), absence: Self.absence(7), now: Self.start) == nil)
        let now = Self.start + 299 * Self.second
        let back = table.arrive(as: client, user: Self.user, session: Self.session(2), now: now)
        #expect(back.client == client && Self.left(back.arrival) == 7)
        #expect(table.collect(client, for: Self.session(2)) == nil)
    }

    @Test("Who comes too late, or is somebody else, is new")
    func strangers() {
        let table = ClientTable(limit: 10)
        let client = table.arrive(as: nil, user: Self.user, session: Self.session(1), now: Self.start).client
        _ = table.leave(client, session: Self.session(1), absence: Self.absence(7), now: Self.start)
        for (name, user, seconds) in [
            (client, UserID("mallory"), UInt64(1)), (UUID128(high: 1, low: 1), Self.user, 1), (client, Self.user, 300),
        ] {
            let other = table.arrive(
                as: name, user: user, session: Self.session(2), now: Self.start + seconds * Self.second)
            #expect(other.client != client)
            guard case .new = other.arrival else {
                Issue.record("\(other.arrival)")
                return
            }
        }
    }

    @Test("A session that is still there is ended first, and tells its successor, also of several")
    func succession() {
        let table = ClientTable(limit: 10)
        let client = table.arrive(as: nil, user: Self.user, session: Self.session(1), now: Self.start).client
        for next in 2...3 as ClosedRange<UInt64> {
            let arrival = table.arrive(as: client, user: Self.user, session: Self.session(next), now: Self.start)
            guard case .after(Self.session(next - 1)) = arrival.arrival else {
                Issue.record("\(arrival)")
                return
            }
            #expect(table.collect(client, for: Self.session(next)) == nil)
        }
        // The second never took over.
        #expect(table.leave(client, session: Self.session(2), absence: nil, now: Self.start) == nil)
        let successor = table.leave(client, session: Self.session(1), absence: Self.absence(9), now: Self.start)
        #expect(successor == Self.session(3))
        #expect(table.collect(client, for: Self.session(2)) == nil)
        #expect(table.collect(client, for: Self.session(3))?.session?.bits == 9)
        #expect(table.collect(client, for: Self.session(3)) == nil)
    }

    @Test("What was left stays for the next where a session ends before it has it")
    func unfinishedSuccession() {
        let table = ClientTable(limit: 10)
        let client = table.arrive(as: nil, user: Self.user, session: Self.session(1), now: Self.start).client
        _ = table.arrive(as: client, user: Self.user, session: Self.session(2), now: Self.start)
        _ = table.leave(client, session: Self.session(1), absence: Self.absence(9), now: Self.start)
        _ = table.leave(client, session: Self.session(2), absence: nil, now: Self.start)
        let third = table.arrive(as: client, user: Self.user, session: Self.session(3), now: Self.start)
        #expect(Self.left(third.arrival) == 9)
    }

    @Test("Messages to one client wait for it, the newest of too many")
    func letters() {
        let table = ClientTable(limit: 2)
        let client = table.arrive(as: nil, user: Self.user, session: Self.session(1), now: Self.start).client
        guard case .here(Self.session(1)) = table.send(Self.letter("0"), to: client, now: Self.start) else { return }
        _ = table.leave(client, session: Self.session(1), absence: Self.absence(7), now: Self.start)
        for text in ["1", "2", "3"] {
            guard case .kept = table.send(Self.letter(text), to: client, now: Self.start) else {
                Issue.record("\(text)")
                return
            }
        }
        let back = table.arrive(as: client, user: Self.user, session: Self.session(2), now: Self.start)
        guard case .back(let absence) = back.arrival else {
            Issue.record("\(back)")
            return
        }
        #expect(absence.letters.map { $0.withBytes { String(decoding: $0, as: UTF8.self) } } == ["2", "3"])
        #expect(absence.lostLetters == 1)
        guard case .unknown = table.send(Self.letter("x"), to: UUID128(high: 1, low: 1), now: Self.start) else {
            Issue.record("nobody has that name")
            return
        }
    }

    @Test("What was said while one session waited for another's end is not lost")
    func lettersBetween() {
        let table = ClientTable(limit: 10)
        let client = table.arrive(as: nil, user: Self.user, session: Self.session(1), now: Self.start).client
        _ = table.arrive(as: client, user: Self.user, session: Self.session(2), now: Self.start)
        _ = table.leave(client, session: Self.session(2), absence: nil, now: Self.start)
        guard case .kept = table.send(Self.letter("x"), to: client, now: Self.start) else {
            Issue.record("it is not here")
            return
        }
        _ = table.leave(client, session: Self.session(1), absence: Self.absence(7), now: Self.start)
        let back = table.arrive(as: client, user: Self.user, session: Self.session(3), now: Self.start)
        guard case .back(let absence) = back.arrival else {
            Issue.record("\(back)")
            return
        }
        #expect(absence.session == Self.session(7) && absence.letters.count == 1)
    }

    @Test("Letters of all clients together are bounded, and those that were fetched make room")
    func letterBytes() {
        let table = ClientTable(limit: 0)
        let client = table.arrive(as: nil, user: Self.user, session: Self.session(1), now: Self.start).client
        _ = table.leave(client, session: Self.session(1), absence: Self.absence(7), now: Self.start)
        let large = Self.letter(String(repeating: "x", count: Limits.personalBytesTotal / 4))
        for _ in 0..<6 { _ = table.send(large, to: client, now: Self.start) }
        let back = table.arrive(as: client, user: Self.user, session: Self.session(2), now: Self.start)
        guard case .back(let absence) = back.arrival else {
            Issue.record("\(back)")
            return
        }
        #expect(absence.letters.count == 4 && absence.lostLetters == 2)
        _ = table.leave(client, session: Self.session(2), absence: Self.absence(8), now: Self.start)
        for _ in 0..<4 { _ = table.send(large, to: client, now: Self.start) }
        let again = table.arrive(as: client, user: Self.user, session: Self.session(3), now: Self.start)
        guard case .back(let second) = again.arrival else {
            Issue.record("\(again)")
            return
        }
        #expect(second.letters.count == 4 && second.lostLetters == 0)
    }

    @Test("Of too many absent clients those that left first are forgotten")
    func manyClients() {
        let table = ClientTable(limit: 10)
        var clients: [UUID128] = []
        for number in 0...UInt64(Limits.absentClients) {
            let client = table.arrive(as: nil, user: Self.user, session: Self.session(number), now: Self.start).client
            let now = Self.start + number
            _ = table.leave(client, session: Self.session(number), absence: Self.absence(number), now: now)
            clients.append(client)
        }
        let now = Self.start + UInt64(clients.count)
        let first = table.arrive(as: clients[0], user: Self.user, session: Self.session(1), now: now)
        #expect(first.client != clients[0])
        let last = table.arrive(as: clients[clients.count - 1], user: Self.user, session: Self.session(2), now: now)
        #expect(Self.left(last.arrival) == UInt64(Limits.absentClients))
    }
}
