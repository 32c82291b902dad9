import Bytes
import Grid
import Reactor
import Testing

@testable import neurogrid_coordinator

@Suite("Metrics' text")
struct MetricsTextTests {
    private func written(_ write: (inout MetricsText) -> Void) -> String {
        var text = MetricsText()
        write(&text)
        return text.buffer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func familiesAndLabels() {
        let text = written { text in
            text.metric("a_total", .counter, "Things.", UInt64.max)
            text.family("b", .gauge, "Others.")
            text.sample(-3, ["x": "1", "y": "a\"b\\c\nd"])
            text.sample(0.25)
            text.sample(nanoseconds: 1_500_000_000)
        }
        #expect(
            text == """
                # HELP a_total Things.
                # TYPE a_total counter
                a_total 18446744073709551615
                # HELP b Others.
                # TYPE b gauge
                b{x="1",y="a\\"b\\\\c\\nd"} -3
                b 0.25
                b 1.5

                """)
    }

    @Test func histogramsAreCumulative() {
        var histogram = Histogram.sizes
        for value in [1, 2, 3, 4, 1 << 40] as [UInt64] { histogram.observe(value) }
        let text = written { $0.histogram("h", "Sizes.", histogram, unit: 1) }
        for line in [
            #"h_bucket{le="1"} 1"#, #"h_bucket{le="2"} 2"#, #"h_bucket{le="4"} 4"#, #"h_bucket{le="8388608"} 4"#,
            #"h_bucket{le="+Inf"} 5"#, "h_sum \(10 + 1 << 40)", "h_count 5",
        ] { #expect(text.contains(line + "\n"), "\(line)\n\(text)") }
    }

    @Test func everyCaseHasItsOwnPlace() {
        func check<Key: Countable>(_: Key.Type) {
            #expect(Key.allCases.map(\.index) == Array(0..<Key.allCases.count))
            #expect(Key.allCases.allSatisfy { $0.rawValue.allSatisfy { $0.isLowercase || $0 == "_" } })
        }
        check(ConnectionRole.self)
        check(ConnectionRefusal.self)
        check(ConnectionEnding.self)
        check(Violation.self)
    }

    @Test func endingsTellWhoEndedAndWhy() {
        func ending(_ code: UInt16, _ isOurs: Bool, _ cause: CloseCause) -> ConnectionEnding {
            ConnectionEnding(code: code, isOurs: isOurs, cause: cause)
        }
        #expect(ending(0, false, .endOfStream) == .lost)
        #expect(ending(0, false, .queueOverflow) == .overflow)
        #expect(ending(1000, false, .local) == .peer)
        #expect(ending(1001, false, .local) == .peer)
        #expect(ending(1001, true, .local) == .drain)
        #expect(ending(1008, true, .deadline) == .policy)
        #expect(ending(3008, true, .local) == .slow)
        #expect(ending(4999, true, .local) == .other)
    }
}
