/// Section 6: UTF-8, failed at the first byte that cannot become valid.
enum TextCases {
    private static let kosme: [UInt8] = Array("κ\u{1F79}σμε".utf8)
    private static let edited: [UInt8] = Array("edited".utf8)
    private static let mixed = Array("Hello-µ@ßöäüàá-UTF-8!!".utf8)

    static let all: [ClientCase] = frames + immediate + sequences

    private static func single(_ payload: [UInt8]) -> [CaseFrame] { CaseFrame.message(1, payload, size: 1) }

    private static let frames: [ClientCase] = {
        let half = Array("Hello-µ@ßöä".utf8)
        return [
            .answered("6.1.1", [.text("")], [.text([])]),
            .answered("6.1.2", [.text("", fin: false), .more("", fin: false), .more("", fin: true)], [.text([])]),
            .answered(
                "6.1.3", [.text("", fin: false), .more("middle frame payload", fin: false), .more("", fin: true)],
                [.text(Octets("middle frame payload"))]),
            .answered("6.2.1", [CaseFrame(1, mixed)], [.text(Octets(mixed))]),
            .answered(
                "6.2.2", [CaseFrame(1, fin: false, half), CaseFrame(0, Array(mixed[half.count...]))],
                [.text(Octets(mixed))]),
            .answered("6.2.3", single(mixed), [.text(Octets(mixed))]),
            .answered("6.2.4", single(kosme), [.text(Octets(kosme))]),
            .failed("6.3.1", [CaseFrame(1, kosme + [0xED, 0xA0, 0x80] + edited)], code: 1007),
            .failed("6.3.2", single(kosme + [0xED, 0xA0, 0x80] + edited), code: 1007),
        ]
    }()

    /// Three parts: a valid one, one with the byte that spoils it, the rest, which must not be waited for.
    private static let immediate: [ClientCase] = {
        let broken = kosme + [0xF4, 0x90, 0x80, 0x80] + edited
        let cuts = [(kosme.count, kosme.count + 4), (kosme.count + 1, kosme.count + 2)]
        let framed = cuts.enumerated().map { index, cut in
            ClientCase("6.4.\(index + 1)") { player in
                try player.send([CaseFrame(1, fin: false, Array(broken[..<cut.0]))])
                try player.staysSilent()
                try player.send([CaseFrame(0, fin: false, Array(broken[cut.0..<cut.1]))])
                try player.isFailed(with: 1007)
            }
        }
        let chopped = cuts.enumerated().map { index, cut in
            ClientCase("6.4.\(index + 3)") { player in
                var bytes: [UInt8] = []
                CaseFrame(1, broken).append(to: &bytes)
                let head = bytes.count - broken.count
                player.send(Array(bytes[..<(head + cut.0)]))
                try player.staysSilent()
                player.send(Array(bytes[(head + cut.0)..<(head + cut.1)]))
                try player.isFailed(with: 1007)
            }
        }
        return framed + chopped
    }()

    // MARK: Sequences

    private static let sequences: [ClientCase] =
        table.enumerated().flatMap { row, sequences in
            sequences.enumerated().map { index, sequence in
                let id = "6.\(row + 5).\(index + 1)"
                return sequence.isValid
                    ? .answered(id, [CaseFrame(1, sequence.bytes)], [.text(Octets(sequence.bytes))])
                    : .failed(id, [CaseFrame(1, sequence.bytes)], code: 1007)
            }
        }

    private typealias Sequence = (isValid: Bool, bytes: [UInt8])

    /// The rows of Markus Kuhn's stress test, sections 6.5 to 6.23.
    private static let table: [[Sequence]] = [
        ["hello$world", "hello¢world", "hello€world", "hello\u{24B62}world", "κ\u{1F79}σμε"].map {
            (true, Array($0.utf8))
        },
        (1...kosme.count).map { ([2, 5, 7, 9, 11].contains($0), Array(kosme[..<$0])) },
        good("00", "c280", "e0a080", "f0908080"),
        bad("f888808080", "fc8480808080"),
        good("7f", "dfbf", "efbfbf", "f48fbfbf"),
        bad("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
        good("ed9fbf", "ee8080", "efbfbd", "f48fbfbf") + bad("f4908080"),
        bad("80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf")
            + [(false, [UInt8](0x80..<0xBF))],
        [(0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7), (0xF8, 0xFB), (0xFC, 0xFD)].map { first, last in
            (false, (first..<last).flatMap { [UInt8($0), 0x20] })
        },
        bad(unfinished),
        bad([unfinished.joined()]),
        bad("fe", "ff", "fefeffff"),
        bad("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
        bad("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
        bad("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
        bad("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"),
        bad(["eda080", "edadbf", "edae80", "edafbf"].flatMap { [$0 + "edb080", $0 + "edbfbf"] }),
        noncharacters,
        good("efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"),
    ]

    private static let unfinished = [
        "c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf",
    ]

    /// The last two scalars of every plane that the suite asks for, each valid.
    private static let noncharacters: [Sequence] =
        ([0] + (1...16)).flatMap { plane in
            [0xFFFE, 0xFFFF].compactMap { last in
                UnicodeScalar(UInt32(plane << 16 | last)).map { (true, Array(String($0).utf8)) }
            }
        }

    private static func good(_ hex: String...) -> [Sequence] { hex.map { (true, bytes($0)) } }

    private static func bad(_ hex: String...) -> [Sequence] { bad(hex) }

    private static func bad(_ hex: [String]) -> [Sequence] { hex.map { (false, bytes($0)) } }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap { $0.hexDigitValue }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
