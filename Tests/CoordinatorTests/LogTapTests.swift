import Grid
import Hub
import Reactor
import Service
import Testing

@testable import neurogrid_coordinator

@Suite struct LogTapTests {
    /// Lines that reached the Hub's mailbox.
    private static func lines(_ mailbox: Mailbox<HubMessage>) -> [Grid.LogLine] {
        guard mailbox.count > 0 else { return [] }
        return mailbox.receiveBlocking(timeoutNanoseconds: nil).flatMap { message -> [Grid.LogLine] in
            guard case .events(let events) = message else { return [] }
            return events.flatMap { event -> [Grid.LogLine] in
                if case .linesLogged(let lines) = event { lines } else { [] }
            }
        }
    }

    private static func log(_ mailbox: Mailbox<HubMessage>, level: LogLevel = .debug) -> (log: Log, tap: LogTap) {
        let log = Log(program: "test", level: level, destination: .descriptor(-1))
        let tap = LogTap(mailbox: mailbox)
        log.setObserver { tap.take($0) }
        return (log, tap)
    }

    @Test func linesComeOnlyWhileSomebodyLooks() throws {
        let mailbox = try Mailbox<HubMessage>(capacity: 1000)
        let (log, tap) = Self.log(mailbox)
        log.info("before")
        tap.set(open: true)
        log.warn("odd\n", ["n": 7, "who": "a b", "yes": true])
        log.debug("fine print")
        tap.set(open: false)
        log.error("after")
        let lines = Self.lines(mailbox)
        #expect(lines.map(\.message) == ["odd\\n", "fine print"] && lines.map(\.level) == [.warning, .debug])
        #expect(lines[0].fields == [LogField("n", "7"), LogField("who", "a b"), LogField("yes", "true")])
    }

    @Test func whatTheLogDoesNotWriteIsNotBrought() throws {
        let mailbox = try Mailbox<HubMessage>(capacity: 10)
        let (log, tap) = Self.log(mailbox, level: .warn)
        tap.set(open: true)
        log.info("too little")
        log.error("enough")
        #expect(Self.lines(mailbox).map(\.message) == ["enough"])
    }

    @Test func aFloodIsBoundedAndAFullMailboxHoldsNobodyUp() throws {
        let mailbox = try Mailbox<HubMessage>(capacity: 100_000)
        let tap = LogTap(mailbox: mailbox)
        let log = Log(program: "test", level: .debug, destination: .descriptor(-1))
        // All of one second, however long this takes.
        log.setObserver { line in for _ in 0..<5000 { tap.take(line) } }
        tap.set(open: true)
        log.info("a line")
        #expect(Self.lines(mailbox).count == LogTap.linesPerSecond)
        let small = try Mailbox<HubMessage>(capacity: 3)
        let (other, open) = Self.log(small)
        open.set(open: true)
        for number in 0..<50 { other.info("\(number)") }
        #expect(Self.lines(small).count == 3)
    }
}
