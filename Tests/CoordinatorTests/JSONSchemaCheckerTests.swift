import Testing

/// The checker finds what is wrong: what it would let pass, nobody would see.
@Suite struct JSONSchemaCheckerTests {
    private static let document = #"{"named":{"type":"string","maxLength":2}}"#

    private static func faults(_ schema: String, _ value: String) throws -> [String] {
        try JSONSchemaChecker(document: JSONTree(document)).faults(of: JSONTree(value), by: JSONTree(schema))
    }

    @Test(
        arguments: [
            (#"{"type":"integer"}"#, "3", "3.5"), (#"{"type":"integer"}"#, "3.0", "\"3\""),
            (#"{"type":["string","null"]}"#, "null", "0"), (#"{"type":"boolean"}"#, "false", "0"),
            (#"{"const":"a"}"#, "\"a\"", "\"b\""), (#"{"enum":["a","b"]}"#, "\"b\"", "null"),
            (#"{"minimum":0,"maximum":9}"#, "9", "10"), (#"{"minimum":0}"#, "0", "-1"),
            (#"{"minLength":1}"#, "\"é\"", "\"\""), (#"{"maxItems":1}"#, "[1]", "[1,2]"),
            (#"{"minItems":1}"#, "[1]", "[]"), (#"{"pattern":"^a+$"}"#, "\"aa\"", "\"ab\""),
            (#"{"format":"uuid"}"#, "\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "\"0f8fad5b\""),
            (#"{"format":"date-time"}"#, "\"2024-01-15T10:30:00.000Z\"", "\"2024-01-15T10:30:00Z\""),
            (#"{"anyOf":[{"type":"null"},{"type":"string"}]}"#, "\"\"", "1"),
            (#"{"required":["a"]}"#, #"{"a":null}"#, "{}"),
            (#"{"properties":{"a":{"type":"null"}}}"#, #"{"a":null,"b":1}"#, #"{"a":1}"#),
            (#"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1}"#, #"{"b":1}"#),
            (#"{"additionalProperties":{"type":"number"}}"#, #"{"b":1}"#, #"{"b":"1"}"#),
            (#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, "2", "3"),
            (#"{"oneOf":[{"minimum":1},{"maximum":2}]}"#, "3", "2"),
            (#"{"not":{"enum":["a"]}}"#, "\"b\"", "\"a\""), (#"{"minProperties":1}"#, #"{"a":1}"#, "{}"),
            (#"{"maxProperties":1}"#, "{}", #"{"a":1,"b":1}"#),
            (#"{"propertyNames":{"pattern":"^a"}}"#, #"{"a":1}"#, #"{"b":1}"#),
            (#"{"items":[{"const":"a"},{"type":"number"}]}"#, #"["a",1]"#, #"["a","b"]"#),
            (#"{"items":{"type":"number"}}"#, "[1,2]", "[1,null]"), (##"{"$ref":"#/named"}"##, "\"ab\"", "\"abc\""),
        ])
    func wrongIsFound(_ schema: String, _ right: String, _ wrong: String) throws {
        #expect(try Self.faults(schema, right) == [])
        #expect(try Self.faults(schema, wrong) != [])
    }

    @Test(
        "What it does not know is a fault",
        arguments: [
            #"{"unevaluatedProperties":0}"#, ##"{"$ref":"#/nowhere"}"##, ##"{"$ref":"#/named","type":"string"}"##,
            #"{"format":"email"}"#, #"{"pattern":"("}"#, "true",
        ])
    func unknown(_ schema: String) throws {
        #expect(try Self.faults(schema, "\"a\"") != [])
    }
}
