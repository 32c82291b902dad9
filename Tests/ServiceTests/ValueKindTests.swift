import Testing

@testable import Service

@Suite struct ValueKindTests {
    private func reason(_ kind: ValueKind, _ text: String) -> String? {
        guard case .failure(let fault) = kind.parse(text) else { return nil }
        return fault.reason
    }

    @Test(
        arguments: [
            (.bool, "true", .bool(true)), (.bool, "No", .bool(false)), (.integer(1...10), "10", .integer(10)),
            (.integer(1...10, orZero: true), "0", .integer(0)), (.integer(-5...5), "-5", .integer(-5)),
            (.number(0...1), "0.5", .number(0.5)), (.text(), "anything = \"at\" all", .text("anything = \"at\" all")),
            (.text(), "", .text("")), (.duration(1...10_000_000_000), "10s", .duration(10_000_000_000)),
            (.duration(5...10, orZero: true), "0s", .duration(0)), (.choice(["a", "b"]), "b", .text("b")),
            (.list(), "a, b,c", .list(["a", "b", "c"])), (.list(), "", .list([])),
            (.choices(["x", "y"]), "y,x", .list(["y", "x"])),
        ] as [(ValueKind, String, Value)])
    func whatIsUnderstood(_ kind: ValueKind, _ text: String, _ value: Value) {
        #expect(kind.parse(text) == .success(value))
    }

    @Test(
        arguments: [
            (.bool, "maybe"), (.integer(1...10), "11"), (.integer(1...10), "0"), (.integer(1...10), "1.0"),
            (.integer(1...10), ""), (.integer(1...10), "99999999999999999999"), (.number(0...1), "nan"),
            (.number(0...1), "inf"), (.number(0...1), "1.01"), (.text(maximumBytes: 3), "abcd"), (.text(), "a\u{0}b"),
            (.duration(5...10), "0s"), (.duration(5...10), "11ns"), (.duration(5...10), "7"), (.choice(["a"]), "A"),
            (.list(maximumCount: 1), "a,b"), (.choices(["x"]), "x,z"),
        ] as [(ValueKind, String)])
    func whatIsRefused(_ kind: ValueKind, _ text: String) {
        #expect(reason(kind, text) != nil)
    }

    @Test func valuesOfAnotherKindAreRefused() {
        #expect(ValueKind.integer(0...1).check(.text("1")) == .failure(ValueFault("is not a whole number")))
        #expect(ValueKind.bool.check(.text("true")) == .failure(ValueFault("is not true or false")))
        #expect(ValueKind.text().check(.integer(1)) == .failure(ValueFault("is not a text")))
        #expect(ValueKind.list().check(.text("a")) == .failure(ValueFault("is not a list of texts")))
    }

    @Test func wholeNumbersAreNumbersAndTextsDurations() {
        #expect(ValueKind.number(0...10).check(.integer(3)) == .success(.number(3)))
        #expect(ValueKind.duration(0...10).check(.text("3ns")) == .success(.duration(3)))
    }

    @Test func rangesAreNamed() {
        #expect(
            reason(.integer(1...10, orZero: true), "11")
                == "is out of range, allowed is a whole number 1…10, or 0 for no limit")
        #expect(
            reason(.duration(1_000_000_000...60_000_000_000), "1h") == "is out of range, allowed is a duration 1s…1m")
    }
}
