/// Swift source reduced to what the rules look at: comments and the contents of literals are blanked, lines stay.
struct SwiftSource {
    let lines: [String]

    init(_ text: String) {
        var blanker = Blanker(Array(text.utf8))
        blanker.run()
        let blanked = String(decoding: blanker.output, as: UTF8.self)
        lines = blanked.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// A declaration with a body: its first and last line, from 1.
    struct Body: Equatable {
        let name: String
        let first: Int
        let last: Int
        var lineCount: Int { last - first + 1 }
    }

    /// Functions, initialisers, subscripts and computed properties, nested ones included.
    var bodies: [Body] {
        lines.indices.compactMap { index in
            guard let name = Self.declaredName(lines[index]), let last = bodyEnd(from: index) else { return nil }
            return Body(name: name, first: index + 1, last: last + 1)
        }
    }

    private static let modifiers: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private", "open", "final", "static", "class", "override",
        "mutating", "nonmutating", "consuming", "borrowing", "nonisolated", "isolated", "convenience", "required",
        "indirect", "lazy", "weak", "unowned", "async", "prefix", "postfix", "infix", "distributed", "dynamic",
    ]

    /// The name of what the line declares, if it declares something that may have a body.
    static func declaredName(_ line: String) -> String? {
        for word in line.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
            let head = word.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "@" }
            if head.hasPrefix("@") || modifiers.contains(head) { continue }
            switch head {
            case "func", "var":
                let rest = line[word.endIndex...].drop { $0 == " " }
                return String(rest.prefix { !" (:<={".contains($0) })
            case "init", "deinit", "subscript":
                return String(head)
            default:
                return nil
            }
        }
        return nil
    }

    /// The line of the brace that closes the body of the declaration on line `start`; `nil` without a body.
    private func bodyEnd(from start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in start..<lines.count {
            // Outside parentheses another declaration or a closing brace means that there was no body.
            if index > start, parentheses == 0, braces == 0, !continuesSignature(lines[index]) { return nil }
            for character in lines[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{": braces += 1
                case "}":
                    braces -= 1
                    if braces < 0 { return nil }
                    if braces == 0, parentheses == 0 { return index }
                default: break
                }
            }
        }
        return nil
    }

    private func continuesSignature(_ line: String) -> Bool {
        let text = line.drop { $0 == " " || $0 == "\t" }
        return ["{", ")", "->", "where ", "throws", "async", "rethrows", "&& "].contains { text.hasPrefix($0) }
    }
}

/// Walks Swift source once and copies it with comments and literal contents turned into spaces.
private struct Blanker {
    private let input: [UInt8]
    private(set) var output: [UInt8] = []
    private var at = 0

    init(_ input: [UInt8]) {
        self.input = input
        output.reserveCapacity(input.count)
    }

    mutating func run() {
        copyCode(untilParenthesisCloses: false)
    }

    private func byte(_ offset: Int = 0) -> UInt8 { at + offset < input.count ? input[at + offset] : 0 }
    private func sees(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in
            at + wanted.count <= input.count && wanted.indices.allSatisfy { input[at + $0] == wanted[$0] }
        }
    }

    private mutating func copy(_ count: Int = 1) {
        let end = min(at + count, input.count)
        output.append(contentsOf: input[at..<end])
        at = end
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where at < input.count {
            output.append(input[at] == UInt8(ascii: "\n") ? input[at] : UInt8(ascii: " "))
            at += 1
        }
    }

    /// Code, of the file or of an interpolation.
    private mutating func copyCode(untilParenthesisCloses: Bool) {
        var depth = 0
        while at < input.count {
            if sees("//") {
                while at < input.count, byte() != UInt8(ascii: "\n") { blank() }
            } else if sees("/*") {
                blankBlockComment()
            } else if byte() == UInt8(ascii: "\"") || byte() == UInt8(ascii: "#") {
                copyLiteralOrHash()
            } else {
                if byte() == UInt8(ascii: "(") { depth += 1 }
                if byte() == UInt8(ascii: ")") {
                    depth -= 1
                    if untilParenthesisCloses, depth < 0 { return blank() }
                }
                copy()
            }
        }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                blank(2)
            } else if sees("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && at < input.count
    }

    /// A string literal with its number signs, or number signs that open none (`#if`, `#filePath`).
    private mutating func copyLiteralOrHash() {
        var hashes = 0
        while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
        guard byte(hashes) == UInt8(ascii: "\"") else { return copy(max(hashes, 1)) }
        blank(hashes)
        let quotes = sees("\"\"\"") ? 3 : 1
        copy(quotes)
        while at < input.count {
            if byte() == UInt8(ascii: "\\"), (0..<hashes).allSatisfy({ byte(1 + $0) == UInt8(ascii: "#") }) {
                let opens = byte(1 + hashes) == UInt8(ascii: "(")
                blank(2 + hashes)
                if opens { copyCode(untilParenthesisCloses: true) }
            } else if closesLiteral(quotes: quotes, hashes: hashes) {
                copy(quotes)
                return blank(hashes)
            } else if quotes == 1, byte() == UInt8(ascii: "\n") {
                // Not a literal after all; better to go on than to blank the rest.
                return
            } else {
                blank()
            }
        }
    }

    private func closesLiteral(quotes: Int, hashes: Int) -> Bool {
        (0..<quotes).allSatisfy { byte($0) == UInt8(ascii: "\"") }
            && (0..<hashes).allSatisfy { byte(quotes + $0) == UInt8(ascii: "#") }
    }
}
