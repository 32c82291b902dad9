internal import Bytes

/// What a JSON value may be, written as JSON Schema (draft 7, as AsyncAPI 3.0 reads it).
///
/// Objects are closed unless they say otherwise: a field that an encoder gained and its schema did not is found by the
/// first golden message that has it.
struct JSONSchema: Sendable {
    /// The JSON kinds that it may be; empty where ``members`` say it in another way.
    private var kinds: [String]
    /// The other members of the schema, each `"key": value`.
    private var members: [String]

    private init(_ kinds: [String], _ members: [String] = []) {
        self.kinds = kinds
        self.members = members
    }

    /// The schema's text.
    var json: String {
        let names = kinds.map { "\"\($0)\"" }
        let type = names.count > 1 ? "[" + names.joined(separator: ",") + "]" : names.first
        return "{" + ((type.map { ["\"type\":" + $0] } ?? []) + members).joined(separator: ",") + "}"
    }

    /// A text as JSON.
    static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.buffer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Scalars

    static let string = JSONSchema(["string"])
    static let boolean = JSONSchema(["boolean"])
    static let number = JSONSchema(["number"])
    static let integer = JSONSchema(["integer"])
    static let null = JSONSchema(["null"])
    /// Any JSON value.
    static let any = JSONSchema([])
    static let uuid = JSONSchema(["string"], [#""format":"uuid""#])
    /// UTC with milliseconds: `2024-01-15T10:30:00.000Z`.
    static let time = JSONSchema(["string"], [#""format":"date-time""#])
    /// A count or an amount: a whole number that is not negative.
    static let natural = integer(from: 0)
    static let percent = JSONSchema(["number"], [#""minimum":0"#, #""maximum":100"#])

    /// A text of so many bytes of UTF-8, which bounds its characters too.
    static func string(from least: Int = 0, to most: Int) -> JSONSchema {
        JSONSchema(["string"], (least > 0 ? ["\"minLength\":\(least)"] : []) + ["\"maxLength\":\(most)"])
    }

    static func string(matching pattern: String) -> JSONSchema {
        JSONSchema(["string"], ["\"pattern\":" + quoted(pattern)])
    }

    static func integer(from least: Int64, to most: Int64? = nil) -> JSONSchema {
        JSONSchema(["integer"], ["\"minimum\":\(least)"] + (most.map { ["\"maximum\":\($0)"] } ?? []))
    }

    static func number(from least: Int, to most: Int? = nil) -> JSONSchema {
        JSONSchema(["number"], ["\"minimum\":\(least)"] + (most.map { ["\"maximum\":\($0)"] } ?? []))
    }

    static func constant(_ text: String) -> JSONSchema { JSONSchema([], ["\"const\":" + quoted(text)]) }

    static func constant(_ value: Bool) -> JSONSchema { JSONSchema([], ["\"const\":\(value)"]) }

    static func string(otherThan texts: [String]) -> JSONSchema {
        JSONSchema(["string"], ["\"not\":" + one(of: texts).json])
    }

    static func one(of texts: [String]) -> JSONSchema {
        JSONSchema(["string"], ["\"enum\":[" + texts.map(quoted).joined(separator: ",") + "]"])
    }

    // MARK: Composites

    /// Fields by name, in the order in which they stand.
    struct Fields: ExpressibleByDictionaryLiteral, Sendable {
        fileprivate var list: [(name: String, value: JSONSchema)]

        init(dictionaryLiteral elements: (String, JSONSchema)...) {
            list = elements.map { ($0.0, $0.1) }
        }

        static func + (left: Fields, right: Fields) -> Fields {
            var both = left
            both.list += right.list
            return both
        }
    }

    /// - Parameters:
    ///   - required: the fields that are always there.
    ///   - optional: the fields that may be absent.
    ///   - isOpen: whether there may be others.
    static func object(_ required: Fields, optional: Fields = [:], isOpen: Bool = false) -> JSONSchema {
        let fields = (required.list + optional.list).map { quoted($0.name) + ":" + $0.value.json }
        let names = required.list.map { quoted($0.name) }.joined(separator: ",")
        return JSONSchema(
            ["object"],
            ["\"properties\":{" + fields.joined(separator: ",") + "}"]
                + (names.isEmpty ? [] : ["\"required\":[" + names + "]"])
                + (isOpen ? [] : ["\"additionalProperties\":false"]))
    }

    /// What is read rather than written: keys that are not known are passed over, and a field that may be absent may
    /// as well be null.
    static func read(_ required: Fields, optional: Fields = [:]) -> JSONSchema {
        var nullable = optional
        nullable.list = optional.list.map { ($0.name, $0.value.orNull) }
        return object(required, optional: nullable, isOpen: true)
    }

    /// An object with any names, and values of one schema.
    static func map(of value: JSONSchema) -> JSONSchema {
        JSONSchema(["object"], ["\"additionalProperties\":" + value.json])
    }

    static func list(of item: JSONSchema, from least: Int = 0, to most: Int? = nil) -> JSONSchema {
        JSONSchema(
            ["array"],
            ["\"items\":" + item.json] + (least > 0 ? ["\"minItems\":\(least)"] : [])
                + (most.map { ["\"maxItems\":\($0)"] } ?? []))
    }

    /// An array with a value of its own at each place, and nothing behind.
    static func tuple(_ items: JSONSchema...) -> JSONSchema {
        JSONSchema(
            ["array"],
            [
                "\"items\":[" + items.map(\.json).joined(separator: ",") + "]", "\"minItems\":\(items.count)",
                "\"maxItems\":\(items.count)",
            ])
    }

    /// What ``AsyncAPI/sharedSchemas`` has under that name.
    static func shared(_ name: String) -> JSONSchema {
        JSONSchema([], ["\"$ref\":" + quoted("#/components/schemas/" + name)])
    }

    static func either(_ schemas: JSONSchema...) -> JSONSchema {
        JSONSchema([], ["\"anyOf\":[" + schemas.map(\.json).joined(separator: ",") + "]"])
    }

    /// The same, or null.
    var orNull: JSONSchema {
        let isPlain = !kinds.isEmpty && !members.contains { $0.hasPrefix("\"enum\"") }
        return isPlain ? JSONSchema(kinds + ["null"], members) : .either(self, .null)
    }

    /// The same, with a word for people. What only refers to another schema takes none.
    func meaning(_ text: String) -> JSONSchema {
        precondition(!members.contains { $0.hasPrefix("\"$ref\"") }, "a reference stands alone")
        return JSONSchema(kinds, members + ["\"description\":" + Self.quoted(text)])
    }
}
