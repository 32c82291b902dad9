import Bytes

/// Reads `text` with `body`; the reader's bytes end at a page that must not be read.
func reading<R>(
    _ text: String, maximumDepth: Int = 32, _ body: (inout JSONReader) throws -> R
) rethrows -> R {
    try reading([UInt8](text.utf8), maximumDepth: maximumDepth, body)
}

/// Reads `bytes` with `body`; they end at a page that must not be read.
func reading<R>(
    _ bytes: [UInt8], maximumDepth: Int = 32, _ body: (inout JSONReader) throws -> R
) rethrows -> R {
    try GuardedBytes(room: bytes.count).with(bytes) { bytes in
        var reader = JSONReader(bytes, maximumDepth: maximumDepth)
        return try body(&reader)
    }
}

/// The fault found in `bytes` when all of it is skipped as one value; `nil` if it is valid JSON.
func fault(in bytes: [UInt8], maximumDepth: Int = 32) -> JSONError? {
    reading(bytes, maximumDepth: maximumDepth) { reader in
        do throws(JSONError) {
            try reader.skipValue()
            try reader.finish()
            return nil
        } catch {
            return error
        }
    }
}

/// The fault found in `text`; `nil` if it is valid JSON.
func fault(in text: String, maximumDepth: Int = 32) -> JSONError? {
    fault(in: [UInt8](text.utf8), maximumDepth: maximumDepth)
}

/// Any JSON value, for comparing what was read with what was written.
indirect enum JSONTree: Equatable {
    case object([(String, JSONTree)])
    case array([JSONTree])
    case string(String)
    case number(Double)
    case bool(Bool)
    case null

    static func == (left: JSONTree, right: JSONTree) -> Bool {
        switch (left, right) {
        case (.object(let left), .object(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        case (.array(let left), .array(let right)): left == right
        case (.string(let left), .string(let right)): Array(left.utf8) == Array(right.utf8)
        case (.number(let left), .number(let right)): left.bitPattern == right.bitPattern
        case (.bool(let left), .bool(let right)): left == right
        case (.null, .null): true
        default: false
        }
    }

    /// Reads the next value through the pull interface.
    init(_ reader: inout JSONReader) throws(JSONError) {
        switch try reader.peek() {
        case .object:
            var members: [(String, JSONTree)] = []
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let name = key.string
                members.append((name, try JSONTree(&reader)))
            }
            self = .object(members)
        case .array:
            var elements: [JSONTree] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try JSONTree(&reader)) }
            self = .array(elements)
        case .string: self = .string(try reader.readString())
        case .number: self = .number(try reader.readDouble())
        case .bool: self = .bool(try reader.readBool())
        case .null:
            _ = try reader.readNull()
            self = .null
        }
    }

    /// Writes the value.
    func write(to writer: inout JSONWriter) {
        switch self {
        case .object(let members):
            writer.beginObject()
            for (key, value) in members {
                writer.key(key)
                value.write(to: &writer)
            }
            writer.endObject()
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .string(let text): writer.string(text)
        case .number(let value): writer.double(value)
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        }
    }

    /// A random value of at most `depth` levels.
    static func random(_ random: inout SeededRandom, depth: Int) -> JSONTree {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .number(Double(Int.random(in: -1000...1_000_000, using: &random)) / 1000)
        case 3:
            let value = Double(bitPattern: random.next())
            return .number(value.isFinite ? value : 0.5)
        case 4: return .string(text(&random))
        case 5:
            return .array((0..<Int.random(in: 0..<6, using: &random)).map { _ in .random(&random, depth: depth - 1) })
        default:
            return .object(
                (0..<Int.random(in: 0..<6, using: &random)).map { _ in
                    (text(&random), .random(&random, depth: depth - 1))
                })
        }
    }

    /// A random text with characters of every length and every kind of escape.
    static func text(_ random: inout SeededRandom) -> String {
        let alphabet: [Character] = [
            "a", "7", " ", "\"", "\\", "\n", "\u{1}", "\u{7F}", "é", "€", "𝄞", "\u{FFFD}", "/",
        ]
        let length = Int.random(in: 0..<24, using: &random)
        return String((0..<length).map { _ in alphabet.randomElement(using: &random) ?? "a" })
    }
}
