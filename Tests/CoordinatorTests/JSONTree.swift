import Bytes

/// A JSON text as a tree, its numbers as they were written.
indirect enum JSONTree: Equatable, Sendable {
    case object([Member])
    case array([JSONTree])
    case string(String)
    case number(String)
    case bool(Bool)
    case null

    struct Member: Equatable, Sendable {
        var name: String
        var value: JSONTree
    }

    init(_ text: String) throws {
        self = try Array(text.utf8).withUnsafeBytes { try JSONTree($0) }
    }

    init(_ bytes: UnsafeRawBufferPointer) throws {
        var reader = JSONReader(bytes, maximumDepth: JSONReader.deepest)
        self = try Self.value(&reader)
        try reader.finish()
    }

    private static func value(_ reader: inout JSONReader) throws -> JSONTree {
        switch try reader.peek() {
        case .object:
            var members: [Member] = []
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let name = key.string
                members.append(Member(name: name, value: try value(&reader)))
            }
            return .object(members)
        case .array:
            var elements: [JSONTree] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try value(&reader)) }
            return .array(elements)
        case .string: return .string(try reader.readString())
        case .number: return .number(String(decoding: try reader.readRaw(), as: UTF8.self))
        case .bool: return .bool(try reader.readBool())
        case .null:
            _ = try reader.readNull()
            return .null
        }
    }

    /// The member of that name; nil where there is none, or no object.
    subscript(_ name: String) -> JSONTree? { members?.first { $0.name.utf8.elementsEqual(name.utf8) }?.value }

    /// What is at the end of a reference such as `#/components/schemas/Code`.
    func target(of reference: String) -> JSONTree? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(self as JSONTree?) { $0?[String($1)] }
    }

    var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    var elements: [JSONTree]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// Exact up to 2⁵³, which is enough for bounds.
    var double: Double? {
        guard case .number(let digits) = self else { return nil }
        return Double(digits)
    }

    /// The text again, without whitespace.
    var json: String {
        switch self {
        case .object(let members):
            "{" + members.map { Self.quoted($0.name) + ":" + $0.value.json }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .string(let text): Self.quoted(text)
        case .number(let digits): digits
        case .bool(let value): "\(value)"
        case .null: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.buffer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The same with one thing changed: each member and element left out, made null, or made of another kind.
    var variants: [JSONTree] {
        switch self {
        case .object(let members):
            members.indices.flatMap { index -> [JSONTree] in
                var without = members
                without.remove(at: index)
                return [.object(without)]
                    + members[index].value.replacements.map { value in
                        var changed = members
                        changed[index].value = value
                        return .object(changed)
                    }
            }
        case .array(let elements):
            elements.indices.flatMap { index in
                elements[index].replacements.map { value in
                    var changed = elements
                    changed[index] = value
                    return .array(changed)
                }
            }
        case .string, .number, .bool, .null: []
        }
    }

    private var replacements: [JSONTree] {
        let others: [JSONTree] = [
            .null, .bool(true), .number("-1"), .number("0.5"), .string("\u{e9} ?"), .array([]), .object([]),
        ]
        return variants + others.filter { $0 != self }
    }
}
