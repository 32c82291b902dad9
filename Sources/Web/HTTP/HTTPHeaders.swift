/// The header fields of one message, in the order in which they came.
///
/// The text of all fields lies in one block; strings are made when they are asked for. Values are read as UTF-8,
/// bytes that are not become U+FFFD.
public struct HTTPHeaders: Equatable, Sendable {
    private struct Field: Sendable {
        var nameStart: UInt32
        var nameCount: UInt32
        var valueStart: UInt32
        var valueCount: UInt32
    }

    private var text: [UInt8]
    private var fields: [Field] = []

    /// No fields.
    public init() { text = [] }

    /// The given fields. Names must be tokens and values free of control characters.
    public init(_ fields: [(String, String)]) {
        text = []
        for (name, value) in fields { append(name, value) }
    }

    /// Adds a field. The name must be a token and the value free of control characters.
    public mutating func append(_ name: String, _ value: String) {
        precondition(HTTPCharacters.isTokenText(name.utf8), "a field's name is a token")
        precondition(value.utf8.allSatisfy(HTTPCharacters.isValue), "a field's value has no control characters")
        let nameStart = text.count
        text.append(contentsOf: name.utf8)
        let valueStart = text.count
        text.append(contentsOf: value.utf8)
        note(name: nameStart..<valueStart, value: valueStart..<text.count)
    }

    /// Notes a field whose text is already in place.
    mutating func note(name: Range<Int>, value: Range<Int>) {
        // Most heads fit, so that they take one block.
        if fields.isEmpty { fields.reserveCapacity(16) }
        fields.append(
            Field(
                nameStart: UInt32(name.lowerBound), nameCount: UInt32(name.count),
                valueStart: UInt32(value.lowerBound), valueCount: UInt32(value.count)))
    }

    /// Sets the block of text that the noted fields lie in.
    mutating func adopt(text: [UInt8]) { self.text = text }

    /// How many fields there are.
    public var count: Int { fields.count }

    /// The name of the field at `index`, as the sender spelled it.
    public func name(at index: Int) -> String {
        let field = fields[index]
        return String(decoding: text[Int(field.nameStart)..<Int(field.nameStart + field.nameCount)], as: UTF8.self)
    }

    /// The value of the field at `index`, without blanks at its ends.
    public func value(at index: Int) -> String {
        let field = fields[index]
        return String(decoding: text[Int(field.valueStart)..<Int(field.valueStart + field.valueCount)], as: UTF8.self)
    }

    /// The value of the first field of that name, in any case; `nil` without one.
    public subscript(name: String) -> String? {
        index(of: name).map(value(at:))
    }

    /// The values of every field of that name, in any case.
    public func all(_ name: String) -> [String] {
        var values: [String] = []
        forEach(name) { values.append(value(at: $0)) }
        return values
    }

    /// How many fields have that name, in any case.
    public func count(of name: String) -> Int {
        var count = 0
        forEach(name) { _ in count += 1 }
        return count
    }

    /// The elements of a comma-separated list over every field of that name (RFC 9110 §5.6.1): trimmed, empty ones
    /// left out.
    public func list(_ name: String) -> [String] {
        var elements: [String] = []
        forEachElement(name) { elements.append(String(decoding: $0, as: UTF8.self)) }
        return elements
    }

    /// Whether the comma-separated list of that name has `token` in it, in any case.
    public func list(_ name: String, contains token: String) -> Bool {
        var token = token
        return token.withUTF8 { token in
            var isContained = false
            forEachElement(name) { isContained = isContained || HTTPCharacters.equalIgnoringCase($0, token) }
            return isContained
        }
    }

    // MARK: Finding

    private func forEachElement(_ name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        forEach(name) { index in
            let field = fields[index]
            text.withUnsafeBufferPointer { text in
                var rest = text[Int(field.valueStart)..<Int(field.valueStart + field.valueCount)]
                while !rest.isEmpty {
                    let end = rest.firstIndex(of: HTTPCharacters.comma) ?? rest.endIndex
                    var element = rest[..<end]
                    rest = rest[min(end + 1, rest.endIndex)...]
                    while let first = element.first, HTTPCharacters.isBlank(first) { element.removeFirst() }
                    while let last = element.last, HTTPCharacters.isBlank(last) { element.removeLast() }
                    if !element.isEmpty { body(UnsafeBufferPointer(rebasing: element)) }
                }
            }
        }
    }

    private func forEach(_ name: String, _ body: (Int) -> Void) {
        var start = 0
        while let index = index(of: name, from: start) {
            body(index)
            start = index + 1
        }
    }

    /// The first field of that name, in any case, from `start` on.
    private func index(of name: String, from start: Int = 0) -> Int? {
        var name = name
        return name.withUTF8 { name in
            for index in start..<fields.count where Int(fields[index].nameCount) == name.count {
                let nameStart = Int(fields[index].nameStart)
                let isSame = text.withUnsafeBufferPointer { text in
                    let candidate = UnsafeBufferPointer(rebasing: text[nameStart..<(nameStart + name.count)])
                    return HTTPCharacters.equalIgnoringCase(candidate, name)
                }
                if isSame { return index }
            }
            return nil
        }
    }

    public static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
        left.count == right.count
            && left.fields.indices.allSatisfy {
                left.name(at: $0) == right.name(at: $0) && left.value(at: $0) == right.value(at: $0)
            }
    }
}
