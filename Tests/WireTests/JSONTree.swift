import Bytes
import Testing

/// A JSON value with its keys in order, to be changed and written again.
indirect enum JSONTree: Equatable, Sendable {
    case object([(key: String, value: JSONTree)])
    case array([JSONTree])
    /// A scalar as spelled.
    case scalar(String)

    init(_ text: String) throws {
        var text = text
        self = try text.withUTF8 { bytes in
            var reader = JSONReader(UnsafeRawBufferPointer(bytes))
            let tree = try JSONTree(&reader)
            try reader.finish()
            return tree
        }
    }

    private init(_ reader: inout JSONReader) throws {
        switch try reader.peek() {
        case .object:
            var members: [(key: String, value: JSONTree)] = []
            try reader.beginObject()
            while let key = try reader.nextKey() { members.append((key.string, try JSONTree(&reader))) }
            self = .object(members)
        case .array:
            var elements: [JSONTree] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try JSONTree(&reader)) }
            self = .array(elements)
        case .string, .number, .bool, .null:
            self = .scalar(String(decoding: try reader.readRaw(), as: UTF8.self))
        }
    }

    static func == (left: JSONTree, right: JSONTree) -> Bool { left.text == right.text }

    /// The JSON text without whitespace.
    var text: String { text(separator: "") }

    /// The JSON text with `separator`, some whitespace, around every token.
    func text(separator: String) -> String {
        switch self {
        case .scalar(let text): separator + text + separator
        case .array(let elements):
            separator + "[" + elements.map { $0.text(separator: separator) }.joined(separator: ",") + "]" + separator
        case .object(let members):
            separator + "{"
                + members.map { "\(separator)\"\($0.key)\"\(separator):\($0.value.text(separator: separator))" }
                .joined(separator: ",") + "}" + separator
        }
    }

    /// The tree with the members of every object shuffled.
    func shuffled(using generator: inout some RandomNumberGenerator) -> JSONTree {
        switch self {
        case .scalar: return self
        case .array(let elements): return .array(elements.map { $0.shuffled(using: &generator) })
        case .object(let members):
            let inner = members.map { (key: $0.key, value: $0.value.shuffled(using: &generator)) }
            return .object(inner.shuffled(using: &generator))
        }
    }

    /// The tree with an unknown member in every object.
    func withUnknownKeys() -> JSONTree {
        switch self {
        case .scalar: self
        case .array(let elements): .array(elements.map { $0.withUnknownKeys() })
        case .object(let members):
            .object(
                members.map { ($0.key, $0.value.withUnknownKeys()) }
                    + [("x_unknown", .object([("type", .array([.scalar("null"), .scalar("\"}\"")]))]))])
        }
    }

    /// Every path below the root: keys, with `nil` for an array's first element.
    var paths: [[String?]] {
        switch self {
        case .scalar: []
        case .array(let elements):
            (elements.first.map { [[nil]] + $0.paths.map { [nil] + $0 } }) ?? []
        case .object(let members):
            members.flatMap { member in [[member.key]] + member.value.paths.map { [member.key] + $0 } }
        }
    }

    /// The value at `path`.
    subscript(path: ArraySlice<String?>) -> JSONTree? {
        guard let step = path.first else { return self }
        switch self {
        case .object(let members): return members.first { $0.key == step }?.value[path.dropFirst()]
        case .array(let elements): return elements.first?[path.dropFirst()]
        case .scalar: return nil
        }
    }

    /// The tree with another value at `path`, or without the member where `value` is `nil`.
    func replacing(_ path: ArraySlice<String?>, by value: JSONTree?) -> JSONTree {
        guard let step = path.first else { return value ?? self }
        let rest = path.dropFirst()
        switch self {
        case .object(let members):
            return .object(
                members.compactMap { member in
                    guard member.key == step else { return member }
                    if rest.isEmpty { return value.map { (member.key, $0) } }
                    return (member.key, member.value.replacing(rest, by: value))
                })
        case .array(var elements):
            if rest.isEmpty, value == nil {
                elements.removeFirst()
            } else {
                elements[0] = elements[0].replacing(rest, by: value)
            }
            return .array(elements)
        case .scalar: return self
        }
    }

    /// `object`, `array`, `string`, `number`, `bool` or `null`.
    var kind: String {
        switch self {
        case .object: "object"
        case .array: "array"
        case .scalar(let text):
            switch text.first {
            case "\"": "string"
            case "t", "f": "bool"
            case "n": "null"
            default: "number"
            }
        }
    }

    /// One value of each kind.
    static let kinds: [JSONTree] = [
        .object([]), .array([]), .scalar("\"x\""), .scalar("true"), .scalar("-1"), .scalar("1.5"), .scalar("1e30"),
    ]
}

/// A generator with a seed, so that a failure can be run again (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
