/// Sections 12 and 13: compressed messages of five kinds of data and under seven sets of parameters.
///
/// The data are our own, of the suite's kinds. Of the suite's thousand messages a case, those above 64 bytes are
/// fewer here: as many as make 64 KiB, and three at least.
enum DeflateCases {
    /// Section 12: what is sent, under the plainest answer.
    static let data: [ClientCase] = CaseData.Kind.allCases.enumerated().flatMap { row, kind in
        shapes.enumerated().map { index, shape in
            play("12.\(row + 1).\(index + 1)", kind, shape, Answer())
        }
    }

    /// Section 13: what is agreed upon. The last set leaves it to the server, which takes the strictest.
    static let parameters: [ClientCase] = {
        let answers = [
            Answer(), Answer(noTakeover: true), Answer(window: 9), Answer(window: 15),
            Answer(noTakeover: true, window: 9), Answer(noTakeover: true, window: 15),
            Answer(noTakeover: true, window: 9),
        ]
        return answers.enumerated().flatMap { row, answer in
            shapes.enumerated().map { index, shape in play("13.\(row + 1).\(index + 1)", .json, shape, answer) }
        }
    }()

    /// A message's bytes, and the greatest frame it is sent in.
    private typealias Shape = (count: Int, frame: Int)

    private static let shapes: [Shape] =
        [16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072].map { ($0, .max) }
        + [8192, 16_384, 32_768, 65_536, 131_072].map { ($0, 256) }
        + [1024, 4096, 32_768].map { (131_072, $0) }

    private struct Answer: Sendable {
        var noTakeover = false
        var window: Int32?

        var text: String {
            "permessage-deflate; server_no_context_takeover"
                + (noTakeover ? "; client_no_context_takeover" : "")
                + (window.map { "; client_max_window_bits=\($0)" } ?? "")
        }
    }

    private static func play(_ id: String, _ kind: CaseData.Kind, _ shape: Shape, _ answer: Answer) -> ClientCase {
        ClientCase(id, extensions: answer.text, clientWindowBits: answer.window ?? 15) { player in
            let data = CaseData.bytes(of: kind)
            let messages = shape.count <= 64 ? 1000 : max(3, 65_536 / shape.count)
            for index in 0..<messages {
                let start = index * shape.count % (data.count - shape.count)
                let message = Array(data[start..<(start + shape.count)])
                let packed = player.server.deflate?.pack(message) ?? []
                let frames = CaseFrame.message(
                    kind.opcode, rsv: 4, packed, size: min(shape.frame, max(packed.count, 1)))
                try player.exchange(kind.opcode, message, frames: frames)
            }
            try player.closes()
        }
    }
}

/// Data to compress, the same in every run.
enum CaseData {
    enum Kind: CaseIterable, Sendable {
        case json, bitmap, prose, html, document

        /// Texts are such, whatever else is sent as binary; the texts here are ASCII, so that they can be cut anywhere.
        var opcode: UInt8 { self == .json || self == .html ? 1 : 2 }
    }

    /// More than the longest message.
    private static let count = 200_000

    static func bytes(of kind: Kind) -> [UInt8] { made[kind] ?? [] }

    private static let made: [Kind: [UInt8]] = Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, make($0)) })

    private static let words = [
        "Habe", "nun", "ach", "Philosophie", "Juristerei", "und", "Medizin", "durchaus", "studiert", "mit", "heißem",
        "Bemühn", "da", "steh", "ich", "armer", "Tor", "so", "klug", "als", "wie", "zuvor",
    ]

    private static func make(_ kind: Kind) -> [UInt8] {
        var random = Xorshift(state: 0x5EED_0001)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 4096)
        while bytes.count < count {
            let number = random.next()
            switch kind {
            case .json:
                bytes += Array(
                    "{\"id\":\(number % 100_000),\"used\":\(number >> 40),\"state\":\"ok\",\"gpu\":[1,0]},".utf8)
            case .html:
                bytes += Array(
                    "<tr class=\"row\"><td>\(number % 1000)</td><td><a href=\"/n/\(number)\">n</a></td>\n".utf8)
            case .prose:
                bytes += Array((words[Int(number % UInt64(words.count))] + (number % 9 == 0 ? ",\n" : " ")).utf8)
            case .bitmap:
                // A picture: neighbours differ little.
                let before = Int(bytes.last ?? 128)
                bytes.append(UInt8(clamping: before + Int(number % 7) - 3))
            case .document:
                // Compressed streams between bits of text.
                bytes += Array("\(bytes.count) 0 obj << /Length 64 >> stream\n".utf8)
                for _ in 0..<8 { withUnsafeBytes(of: random.next()) { bytes += $0 } }
            }
        }
        return bytes
    }

    private struct Xorshift {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state &* 0x2545_F491_4F6C_DD1D
        }
    }
}
