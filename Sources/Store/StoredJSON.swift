import Bytes

/// What the bodies of records and events have in common: absent is not written, and what cannot be understood is not
/// taken for absent.
extension JSONWriter {
    /// Writes a string member, if there is a value.
    mutating func present(_ key: StaticString, _ text: String?) {
        if let text { field(key, text) }
    }

    /// Writes an integer member, if there is a value.
    mutating func present(_ key: StaticString, _ integer: (some FixedWidthInteger)?) {
        if let integer { field(key, integer) }
    }

    /// Writes a boolean member, if there is a value.
    mutating func present(_ key: StaticString, _ flag: Bool?) {
        if let flag { field(key, flag) }
    }

    /// Writes an object member.
    mutating func object(_ key: StaticString, _ members: (inout JSONWriter) -> Void) {
        self.key(key)
        beginObject()
        members(&self)
        endObject()
    }

    /// Writes an array member.
    mutating func array<Element>(
        _ key: StaticString, _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) {
        self.key(key)
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }

    /// An object with those members, as text.
    static func text(_ members: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        members(&writer)
        writer.endObject()
        return writer.buffer.text
    }
}

extension JSONReader {
    /// The next value, an integer that the type can hold.
    mutating func readInteger<Value: FixedWidthInteger>() throws(JSONError) -> Value {
        let at = offset
        let value = Value.isSigned ? Value(exactly: try readInt64()) : Value(exactly: try readUInt64())
        guard let value else { throw JSONError(.numberOutOfRange, at: at) }
        return value
    }

    /// The next value, a string that stands for something: an identifier, a name of a closed set.
    mutating func readNamed<Value>(_ make: (String) -> Value?) throws(JSONError) -> Value {
        let at = offset
        guard let value = make(try readString()) else { throw JSONError(.typeMismatch, at: at) }
        return value
    }

    /// The next value, an array, an element at a time.
    mutating func readArray<Element>(
        _ element: (inout JSONReader) throws(JSONError) -> Element
    ) throws(JSONError) -> [Element] {
        var elements: [Element] = []
        try beginArray()
        while try nextElement() { elements.append(try element(&self)) }
        return elements
    }

    /// The value, or a fault at this place where a member that must be there was not.
    func required<Value>(_ value: Value?) throws(JSONError) -> Value {
        guard let value else { throw JSONError(.typeMismatch, at: offset) }
        return value
    }

    /// Reads all of a text with `read`; `nil` if it is not what `read` expects.
    static func value<Value>(
        of text: String, _ read: (inout JSONReader) throws(JSONError) -> Value
    ) -> Value? {
        var text = text
        return text.withUTF8 { bytes in
            var reader = JSONReader(UnsafeRawBufferPointer(bytes))
            do throws(JSONError) {
                let value = try read(&reader)
                try reader.finish()
                return value
            } catch {
                return nil
            }
        }
    }
}
