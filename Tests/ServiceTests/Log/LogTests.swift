import Bytes
import Glibc
import Synchronization
import Testing

@testable import Service

@Suite struct LogTests {
    /// What `body` logs, read back from a pipe.
    private func logged(
        level: LogLevel = .info, format: LogFormat = .text, _ body: (Log) -> Void
    ) throws -> String {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        body(Log(program: "test", level: level, format: format, destination: .descriptor(ends[1])))
        close(ends[1])
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(ends[0], &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        close(ends[0])
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func anObserverSeesWhatIsWrittenAndNothingElse() throws {
        let seen = Mutex<[String]>([])
        let text = try logged(level: .info) { log in
            log.info("before")
            log.setObserver { line in
                let fields = line.fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
                seen.withLock { $0.append("\(line.level) \(line.message) \(fields) \(line.wallMilliseconds > 0)") }
            }
            log.warn("odd\u{1B}", ["n": -7, "u": LogValue(UInt64.max), "d": 0.5, "b": true, "t": "a\nb"])
            log.debug("not written")
        }
        #expect(text.contains("before") && text.contains("odd"))
        let lines = seen.withLock { $0 }
        #expect(lines.count == 1 && lines[0].hasSuffix("n=-7 u=18446744073709551615 d=0.5 b=true t=a\\nb true"))
        #expect(lines.first?.hasPrefix("warn odd") == true && lines.first?.contains("\u{1B}") == false)
    }

    private func behindTime(_ line: String) -> Substring { line.dropFirst(25) }

    @Test func aTextLine() throws {
        let line = try logged { log in
            log.info("listening on 127.0.0.1:3001", ["loops": 2, "dev": true, "load": 0.5, "path": "/a b", "who": "x"])
        }
        #expect(behindTime(line) == "INFO listening on 127.0.0.1:3001 loops=2 dev=true load=0.5 path=\"/a b\" who=x\n")
        let time = line.prefix(25).map { $0.isNumber ? "0" : $0 }
        #expect(String(time) == "0000-00-00T00:00:00.000Z ")
    }

    @Test func aJSONLine() throws {
        let line = try logged(format: .json) { log in
            log.warn("odd \"thing\"\n", ["n": LogValue(UInt64.max), "s": "a\u{9B}\\", "b": false, "d": 1.5])
        }
        #expect(
            line.hasSuffix(
                #""level":"warn","message":"odd \"thing\"\n","n":18446744073709551615,"#
                    + #""s":"a\u009b\\","b":false,"d":1.5}"#
                    + "\n"))
        #expect(line.hasPrefix(#"{"time":"2"#))
        var text = line
        text.removeLast()
        try text.withUTF8 { bytes in
            var reader = JSONReader(UnsafeRawBufferPointer(bytes))
            try reader.skipValue()
            try reader.finish()
        }
    }

    @Test func levelsAreKept() throws {
        let text = try logged(level: .warn) { log in
            log.error("one")
            log.warn("two")
            log.info("three")
            log.debug("four")
            log.level = .debug
            log.debug("five")
        }
        let words = text.split(separator: "\n").map {
            String($0.split(separator: " ").dropFirst().joined(separator: " "))
        }
        #expect(words == ["ERROR one", "WARN two", "DEBUG five"])
    }

    @Test func whatIsNotWrittenIsNotMade() throws {
        var made = 0
        _ = try logged { log in
            func expensive() -> String {
                made += 1
                return "x"
            }
            log.debug(expensive())
            log.debug("y", ["z": LogValue(expensive())])
        }
        #expect(made == 0)
    }

    @Test(arguments: LogFormat.allCases)
    func hostileTextStaysOneBoundedLine(_ format: LogFormat) throws {
        let hostile = "x\n2026-01-01T00:00:00.000Z ERROR forged\u{1B}[2J\r" + String(repeating: "\u{1}", count: 100_000)
        let text = try logged(format: format) { log in
            log.info(
                hostile,
                [
                    "a": LogValue(hostile), "b": LogValue(hostile), "c": LogValue(hostile), "d": LogValue(hostile),
                    "e": LogValue(hostile), "f": LogValue(hostile), "g": LogValue(hostile), "h": LogValue(hostile),
                ])
        }
        #expect(text.filter { $0 == "\n" }.count == 1)
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("\r"))
        #expect(text.utf8.count < 24_000)
        #expect(text.hasSuffix(format == .json ? "\"truncated\":true}\n" : " …\n"))
    }

    @Test func linesOfManyThreadsStayWhole() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (input, output) = (ends[0], ends[1])
        let reader = Task.detached { () -> String in
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(input, &chunk, chunk.count)
                guard count > 0 else { break }
                bytes += chunk[..<count]
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        let log = Log(program: "test", destination: .descriptor(output))
        let filler = String(repeating: "z", count: 900)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<200 {
                        log.info(
                            "line",
                            [
                                "a": LogValue(filler), "b": LogValue(filler), "w": LogValue(writer),
                                "n": LogValue(number),
                            ])
                    }
                }
            }
        }
        close(output)
        let lines = await reader.value.split(separator: "\n")
        close(input)
        #expect(lines.count == 800)
        #expect(Set(lines.map { $0.dropFirst(25) }).count == 800)
        #expect(lines.allSatisfy { $0.dropFirst(25).hasPrefix("INFO line a=\(filler) b=\(filler) w=") })
        #expect(log.droppedLineCount == 0)
    }

    @Test func aStreamThatTakesNothingCostsTheLineOnly() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        defer {
            close(ends[0])
            close(ends[1])
        }
        let log = Log(program: "test", destination: .descriptor(ends[1]))
        while log.droppedLineCount == 0 { log.info(String(repeating: "x", count: 2000)) }
        #expect(log.droppedLineCount == 1)
        #expect(log.destination == .descriptor(ends[1]))
    }

    @Test func journalFieldsAreNamedAsTheJournalWants() {
        let line = LogLine(
            level: .warn, wallMilliseconds: 0, message: "two\nlines",
            fields: ["node-id": "n 1", "count": 3, "ok": true, "x": 0.5])
        let fields = line.journalFields(program: "grid").map { String(decoding: $0, as: UTF8.self) }
        #expect(
            fields == [
                "MESSAGE=two\\nlines node-id=\"n 1\" count=3 ok=true x=0.5", "PRIORITY=4", "SYSLOG_IDENTIFIER=grid",
                "NEUROGRID_NODE_ID=n 1", "NEUROGRID_COUNT=3", "NEUROGRID_OK=true", "NEUROGRID_X=0.5",
            ])
    }

    @Test func levelNamesReadBack() {
        for level in LogLevel.allCases { #expect(LogLevel(name: level.name) == level) }
        #expect(LogLevel(name: "INFO") == nil)
    }

    @Test func timesAreOfTheCalendar() {
        func text(_ milliseconds: Int64) -> String {
            var buffer = ByteBuffer()
            Timestamp.append(milliseconds: milliseconds, to: &buffer)
            return buffer.text
        }
        #expect(text(0) == "1970-01-01T00:00:00.000Z")
        #expect(text(951_782_400_007) == "2000-02-29T00:00:00.007Z")
        #expect(text(1_785_499_199_999) == "2026-07-31T11:59:59.999Z")
    }
}
