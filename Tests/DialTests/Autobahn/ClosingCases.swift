/// Section 7: closing.
enum ClosingCases {
    private static let hello = "Hello World!"
    private static let bye = CaseFrame.close(1000)

    static let all: [ClientCase] = order + payloads + codes

    /// What stands around the close frame.
    private static let order: [ClientCase] = {
        let long = Octets(repeating: "BAsd7&jh23", count: 1 << 18)
        return [
            .answered("7.1.1", [.text(hello)], [.text(Octets(hello))]),
            .closed("7.1.2", [bye, CaseFrame(8)]),
            .closed("7.1.3", [bye, .ping()]),
            .closed("7.1.4", [bye, .text(hello)]),
            .closed("7.1.5", [.text("fragment1", fin: false), bye, .more("fragment2", fin: true)]),
            .closed(
                "7.1.6", [CaseFrame(1, long.bytes), .text(hello), bye, .ping()],
                after: [.text(long), .text(Octets(hello))]),
        ]
    }()

    private static let payloads: [ClientCase] = {
        let reason = String(repeating: "*", count: 123)
        let broken: [UInt8] = Array("κ\u{1F79}σμε".utf8) + [0xED, 0xA0, 0x80] + Array("edited".utf8)
        return [
            .closed("7.3.1", [CaseFrame(8)], code: nil),
            .failed("7.3.2", [CaseFrame(8, "a")]),
            .closed("7.3.3", [bye]),
            .closed("7.3.4", [.close(1000, Array(hello.utf8))], reason: hello),
            .closed("7.3.5", [.close(1000, Array(reason.utf8))], reason: reason),
            .failed("7.3.6", [.close(1000, Array((reason + "*").utf8))]),
            .failed("7.5.1", [.close(1000, broken)], code: 1007),
        ]
    }()

    private static let codes: [ClientCase] = {
        let valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
        let invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]
        return valid.enumerated().map { .closed("7.7.\($0 + 1)", [.close($1)], code: UInt16($1)) }
            + invalid.enumerated().map { .failed("7.9.\($0 + 1)", [.close($1)]) }
            // The suite takes any answer to these; the registry's rules leave us only one.
            + [5000, 65_535].enumerated().map { .failed("7.13.\($0 + 1)", [.close($1)]) }
    }()
}
