/// Says what is wrong with a value by a JSON Schema of draft 7: the keywords that our documents use, and no others.
struct JSONSchemaChecker {
    /// Where references are looked up.
    let document: JSONTree

    /// What is wrong, each with its place; empty where the value is as it should be.
    func faults(of value: JSONTree, by schema: JSONTree, at path: String = "$") -> [String] {
        guard let keywords = schema.members else { return ["\(path): a schema is no object: \(schema.json)"] }
        if let reference = schema["$ref"]?.text {
            guard keywords.count == 1 else { return ["\(path): what stands beside $ref is not looked at"] }
            guard let target = document.target(of: reference) else { return ["\(path): no \(reference)"] }
            return faults(of: value, by: target, at: path)
        }
        return keywords.flatMap { keyword($0.name, $0.value, schema, value, path) }
    }

    private func keyword(
        _ name: String, _ rule: JSONTree, _ schema: JSONTree, _ value: JSONTree, _ path: String
    ) -> [String] {
        switch name {
        case "description", "default": []
        case "type", "const", "enum": check(allows(name, rule, value), "\(path): \(value.json) is not \(rule.json)")
        case "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
            "pattern", "format":
            check(bounds(name, rule, value), "\(path): \(value.json) is not of \(name) \(rule.json)")
        case "allOf", "anyOf", "oneOf", "not": combination(name, rule.elements ?? [rule], value, path)
        case "required":
            (value.members == nil ? [] : rule.elements ?? []).compactMap(\.text).filter { value[$0] == nil }
                .map { "\(path): \($0) is missing" }
        case "properties":
            (value.members ?? []).flatMap { member in
                rule[member.name].map { faults(of: member.value, by: $0, at: "\(path).\(member.name)") } ?? []
            }
        case "additionalProperties":
            (value.members ?? []).filter { schema["properties"]?[$0.name] == nil }.flatMap { member in
                rule == .bool(false)
                    ? ["\(path): \(member.name) is not foreseen"]
                    : faults(of: member.value, by: rule, at: "\(path).\(member.name)")
            }
        case "propertyNames":
            (value.members ?? []).flatMap { faults(of: .string($0.name), by: rule, at: "\(path).\($0.name)") }
        case "items": items(rule, value, path)
        default: ["\(path): the keyword \(name) is unknown here"]
        }
    }

    private func combination(_ name: String, _ rules: [JSONTree], _ value: JSONTree, _ path: String) -> [String] {
        let faults = rules.map { self.faults(of: value, by: $0, at: path) }
        let fitting = faults.count { $0.isEmpty }
        let holds =
            switch name {
            case "anyOf": fitting > 0
            case "oneOf": fitting == 1
            case "not": fitting == 0
            default: fitting == rules.count
            }
        return holds ? [] : ["\(path): \(value.json) fits \(fitting) of \(name)"] + faults.joined()
    }

    /// One schema for all elements, or one for each place.
    private func items(_ rule: JSONTree, _ value: JSONTree, _ path: String) -> [String] {
        (value.elements ?? []).enumerated().flatMap { index, element in
            let places = rule.elements ?? []
            if case .array = rule, !places.indices.contains(index) { return [String]() }
            return faults(of: element, by: rule.elements == nil ? rule : places[index], at: "\(path)[\(index)]")
        }
    }

    private func check(_ holds: Bool, _ fault: String) -> [String] { holds ? [] : [fault] }

    private func allows(_ name: String, _ rule: JSONTree, _ value: JSONTree) -> Bool {
        switch name {
        case "const": value == rule
        case "enum": rule.elements?.contains(value) == true
        default: (rule.elements ?? [rule]).compactMap(\.text).contains { isOf(kind: $0, value) }
        }
    }

    private func isOf(kind: String, _ value: JSONTree) -> Bool {
        switch (kind, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("number", .number), ("boolean", .bool),
            ("null", .null):
            true
        case ("integer", .number(let digits)): Double(digits).map { $0 == $0.rounded() } == true
        default: false
        }
    }

    /// Bounds of one kind say nothing of values of another.
    private func bounds(_ name: String, _ rule: JSONTree, _ value: JSONTree) -> Bool {
        let limit = rule.double ?? 0
        return switch (name, value) {
        case ("minimum", .number(let digits)): (Double(digits) ?? .nan) >= limit
        case ("maximum", .number(let digits)): (Double(digits) ?? .nan) <= limit
        case ("minLength", .string(let text)): Double(text.unicodeScalars.count) >= limit
        case ("maxLength", .string(let text)): Double(text.unicodeScalars.count) <= limit
        case ("minItems", .array(let elements)): Double(elements.count) >= limit
        case ("maxItems", .array(let elements)): Double(elements.count) <= limit
        case ("minProperties", .object(let members)): Double(members.count) >= limit
        case ("maxProperties", .object(let members)): Double(members.count) <= limit
        case ("pattern", .string(let text)): matches(text, rule.text ?? "")
        case ("format", .string(let text)): matches(text, Self.formats[rule.text ?? ""] ?? "$^")
        default: true
        }
    }

    private static let formats = [
        "uuid": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
        "date-time": #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"#,
    ]

    private func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.firstMatch(of: expression) != nil
    }
}
