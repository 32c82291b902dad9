internal import Bytes

/// The keys of a JSON5 text with their lines, and where its grammar breaks if it does.
///
/// It is no parser: the standard decoder reads the values but says nothing of lines. This walks the same text for
/// structure alone.
struct JSON5Outline {
    /// A key of an object.
    struct Key: Equatable {
        /// The keys of the objects around it, and its own. Objects inside arrays have none.
        let path: [String]
        /// The line on which the key begins, counted from 1.
        let line: Int
    }

    /// The keys in order.
    private(set) var keys: [Key] = []
    /// Where the grammar first breaks.
    private(set) var fault: (line: Int, reason: String)?
    /// Whether the whole is an object.
    private(set) var isObject = false

    /// The second of two equal keys of one object.
    var firstDuplicate: Key? {
        var seen: Set<[String]> = []
        return keys.first { !seen.insert($0.path).inserted }
    }

    private enum Expected { case keyOrEnd, colon, value, valueOrEnd, commaOrEnd, end }
    private struct Level {
        let isObject: Bool
        /// Whether this lies in an array, where keys have no path.
        let isNameless: Bool
        var key: String?
    }
    /// Arrays and objects inside each other; beyond, the decoder refuses as well.
    private static let deepest = 128

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var levels: [Level] = []
    private var expected = Expected.value

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var validator = UTF8Validator()
        if let index = bytes.withUnsafeBytes({ validator.firstInvalidIndex(feeding: $0) }) {
            line += bytes[..<index].count { $0 == 0x0A }
            fail("not UTF-8")
            return
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        while fault == nil {
            skipBlank()
            guard fault == nil else { return }
            guard position < bytes.count else {
                if expected != .end { fail("the text ends too early") }
                return
            }
            step(bytes[position])
        }
    }

    private mutating func step(_ byte: UInt8) {
        switch (byte, expected) {
        case (UInt8(ascii: "{"), .value), (UInt8(ascii: "{"), .valueOrEnd): open(isObject: true)
        case (UInt8(ascii: "["), .value), (UInt8(ascii: "["), .valueOrEnd): open(isObject: false)
        case (UInt8(ascii: "}"), .keyOrEnd), (UInt8(ascii: "]"), .valueOrEnd): close()
        case (UInt8(ascii: "}"), .commaOrEnd) where levels.last?.isObject == true: close()
        case (UInt8(ascii: "]"), .commaOrEnd) where levels.last?.isObject == false: close()
        case (UInt8(ascii: ","), .commaOrEnd):
            position += 1
            expected = levels.last?.isObject == true ? .keyOrEnd : .valueOrEnd
        case (UInt8(ascii: ":"), .colon):
            position += 1
            expected = .value
        case (_, .keyOrEnd): readKey()
        case (_, .value), (_, .valueOrEnd): readScalar()
        case (_, .colon): fail("a colon is missing")
        case (_, .commaOrEnd): fail("a comma is missing")
        case (_, .end): fail("something follows the value")
        }
    }

    private mutating func open(isObject: Bool) {
        guard levels.count < Self.deepest else { return fail("nested too deeply") }
        let isNameless = levels.last.map { $0.isNameless || !$0.isObject } ?? false
        if levels.isEmpty { self.isObject = isObject }
        levels.append(Level(isObject: isObject, isNameless: isNameless, key: nil))
        expected = isObject ? .keyOrEnd : .valueOrEnd
        position += 1
    }

    private mutating func close() {
        position += 1
        // A trailing comma at the top has no level to end.
        guard levels.popLast() != nil else { return fail("a value is missing") }
        valueEnded()
    }

    private mutating func valueEnded() {
        expected = levels.isEmpty ? .end : .commaOrEnd
    }

    private mutating func readKey() {
        let start = line
        guard let name = isQuote(bytes[position]) ? readString() : readWord() else { return fail("a key is missing") }
        guard let last = levels.indices.last else { return }
        levels[last].key = name
        if !levels[last].isNameless { keys.append(Key(path: levels.compactMap(\.key), line: start)) }
        expected = .colon
    }

    private mutating func readScalar() {
        if isQuote(bytes[position]) {
            guard readString() != nil else { return }
        } else {
            guard let word = readWord() else { return fail("a value is missing") }
            guard JSON5Number.isValid(word) || ["true", "false", "null"].contains(word) else {
                let looksLikeOne = word.utf8.first.map { "+-.0123456789".utf8.contains($0) } ?? false
                return fail(looksLikeOne ? "no number" : "a text without quotes")
            }
        }
        valueEnded()
    }

    /// The run of bytes that are neither blank nor punctuation; `nil` if there is none.
    private mutating func readWord() -> String? {
        let start = position
        while position < bytes.count, bytes[position] > 0x20, !"{}[]:,'\"/".utf8.contains(bytes[position]) {
            position += 1
        }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    /// The text between the quotes, its escapes undone; `nil`, and a fault, if it does not end.
    private mutating func readString() -> String? {
        let quote = bytes[position]
        let start = line
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case quote: return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): readEscape(into: &text)
            case 0x0A, 0x0D:
                line = start
                fail("a text that does not end on its line")
                return nil
            default: text.append(byte)
            }
        }
        line = start
        fail("a text that does not end")
        return nil
    }

    private mutating func readEscape(into text: inout [UInt8]) {
        guard position < bytes.count else { return }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "u"), UInt8(ascii: "x"):
            let end = min(bytes.count, position + (byte == UInt8(ascii: "u") ? 4 : 2))
            let scalar = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16).flatMap(
                Unicode.Scalar.init)
            text += Array(String(Character(scalar ?? "\u{FFFD}")).utf8)
            position = end
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "v"): text.append(0x0B)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case 0x0A: line += 1
        case 0x0D:
            if position < bytes.count, bytes[position] == 0x0A { position += 1 }
            line += 1
        default: text.append(byte)
        }
    }

    /// Skips white space and comments, counting lines.
    private mutating func skipBlank() {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x0A {
                line += 1
            } else if byte == UInt8(ascii: "/") {
                guard skipComment() else { return fail("a lone slash") }
                continue
            } else if bytes[position...].starts(with: [0xC2, 0xA0]) {
                position += 1
            } else if byte > 0x20 {
                return
            }
            position += 1
        }
    }

    /// Skips the comment at the present slash; `false` if there is none.
    private mutating func skipComment() -> Bool {
        guard position + 1 < bytes.count else { return false }
        switch bytes[position + 1] {
        case UInt8(ascii: "/"):
            while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        case UInt8(ascii: "*"):
            position += 2
            while position < bytes.count, !bytes[position...].starts(with: [0x2A, 0x2F]) {
                if bytes[position] == 0x0A { line += 1 }
                position += 1
            }
            // A comment that never ends leaves a text that ends too early.
            position = min(bytes.count, position + 2)
        default: return false
        }
        return true
    }

    private func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private mutating func fail(_ reason: String) {
        if fault == nil { fault = (line, reason) }
    }
}
