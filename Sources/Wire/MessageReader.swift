import Bytes
import Grid

/// A JSON reader that speaks of fields: whatever is wrong with a message is said with the field's path.
///
/// Readings are optional throughout: `null` reads as `nil`, like a key that is not there. The strict half of
/// the decoders; cold, except where a message is already known to be rare.
struct MessageReader {
    private(set) var json: JSONReader
    /// The path of the object being read, with its dot behind: `host.`; empty at the top.
    var scope: StaticString = ""

    /// Reads a whole message, or a value `depth` levels inside one.
    init(_ bytes: UnsafeRawBufferPointer, insideDepth depth: Int = 0) {
        json = JSONReader(bytes, maximumDepth: Limits.jsonDepth - depth)
    }

    /// Bytes consumed so far.
    var offset: Int { json.offset }

    // MARK: Structure

    /// Opens an object; `false` and consumed where `null` stands instead.
    mutating func beginObject(_ name: StaticString) throws(WireError) -> Bool {
        guard try expect(.object, name, "expected an object") else { return false }
        do { try json.beginObject() } catch { throw malformed(error) }
        return true
    }

    /// Opens the message itself.
    mutating func beginMessage() throws(WireError) {
        guard try kind() == .object else { throw WireError(.invalidMessage, "expected a JSON object") }
        do { try json.beginObject() } catch { throw malformed(error) }
    }

    /// The next key of the open object; `nil` once it was closed.
    mutating func nextKey() throws(WireError) -> JSONText? {
        do { return try json.nextKey() } catch { throw malformed(error) }
    }

    /// Opens an array; `false` and consumed where `null` stands instead.
    mutating func beginArray(_ name: StaticString) throws(WireError) -> Bool {
        guard try expect(.array, name, "expected an array") else { return false }
        do { try json.beginArray() } catch { throw malformed(error) }
        return true
    }

    /// Whether a further element follows; `false` once the array was closed.
    mutating func nextElement() throws(WireError) -> Bool {
        do { return try json.nextElement() } catch { throw malformed(error) }
    }

    /// Passes over one value, whatever it is.
    mutating func skip() throws(WireError) {
        do { try json.skipValue() } catch { throw malformed(error) }
    }

    /// The bytes of one value, whatever it is.
    mutating func raw() throws(WireError) -> UnsafeRawBufferPointer {
        do { return try json.readRaw() } catch { throw malformed(error) }
    }

    /// Only whitespace may remain.
    mutating func finish() throws(WireError) {
        do { try json.finish() } catch { throw malformed(error) }
    }

    /// What stands next.
    mutating func kind() throws(WireError) -> JSONKind {
        do { return try json.peek() } catch { throw malformed(error) }
    }

    // MARK: Values

    /// A real number within `range`.
    mutating func real(_ name: StaticString, in range: ClosedRange<Double>) throws(WireError) -> Double? {
        guard try expect(.number, name, "expected a number") else { return nil }
        let value: Double
        do { value = try json.readDouble() } catch {
            throw number(error, name, "expected a number from \(range.lowerBound) to \(range.upperBound)")
        }
        guard range.contains(value) else {
            throw fault(name, "expected a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A share, 0 to 100.
    mutating func percent(_ name: StaticString) throws(WireError) -> Double? {
        guard try expect(.number, name, "expected a number") else { return nil }
        let value: Double
        do { value = try json.readDouble() } catch { throw number(error, name, "expected a percentage, 0 to 100") }
        guard value >= 0, value <= 100 else { throw fault(name, "expected a percentage, 0 to 100") }
        return value
    }

    /// An amount: a whole number from 0 to 2⁶⁴ − 1.
    mutating func amount(_ name: StaticString) throws(WireError) -> UInt64? {
        guard try expect(.number, name, "expected a number") else { return nil }
        do { return try json.readUInt64() } catch { throw number(error, name, "expected a whole number, 0 or more") }
    }

    /// A whole number within `range`.
    mutating func whole<Number: FixedWidthInteger>(
        _ name: StaticString, in range: ClosedRange<Number>
    ) throws(WireError) -> Number? {
        guard try expect(.number, name, "expected a number") else { return nil }
        let value: Int64
        do { value = try json.readInt64() } catch {
            throw number(error, name, "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        guard let exact = Number(exactly: value), range.contains(exact) else {
            throw fault(name, "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return exact
    }

    /// `true` or `false`.
    mutating func bool(_ name: StaticString) throws(WireError) -> Bool? {
        guard try expect(.bool, name, "expected true or false") else { return nil }
        do { return try json.readBool() } catch { throw malformed(error) }
    }

    /// A text in place: for names that are compared and not kept.
    mutating func name(
        _ name: StaticString, expected: StaticString = "expected a string"
    ) throws(WireError) -> JSONText? {
        guard try expect(.string, name, expected) else { return nil }
        do { return try json.readText() } catch { throw malformed(error) }
    }

    /// A text of at most `limit` bytes of UTF-8.
    mutating func text(_ name: StaticString, limit: Int) throws(WireError) -> String? {
        guard let text = try self.name(name) else { return nil }
        // Escapes only ever lengthen: the raw bytes need no decoding to be too many six times over.
        guard text.raw.count <= limit * 6 else { throw fault(name, "longer than \(limit) bytes") }
        let decoded = text.string
        guard decoded.utf8.count <= limit else { throw fault(name, "longer than \(limit) bytes") }
        return decoded
    }

    /// A UUID in its canonical form.
    mutating func uuid(_ name: StaticString) throws(WireError) -> UUID128? {
        guard let text = try self.name(name, expected: "expected a UUID string") else { return nil }
        guard let uuid = text.withDecoded({ UUID128(utf8: $0) }) else { throw fault(name, "not a UUID") }
        return uuid
    }

    /// Exactly `count` bytes in base 64 (RFC 4648 §4, padded).
    mutating func bytes(_ name: StaticString, count: Int) throws(WireError) -> [UInt8]? {
        guard let text = try self.name(name, expected: "expected a string of base 64") else { return nil }
        guard text.raw.count <= count * 12,
            let bytes = text.withDecoded({ Base64.decode($0, urlSafe: false) }), bytes.count == count
        else { throw fault(name, "expected \(count) bytes in base 64") }
        return bytes
    }

    // MARK: Faults

    /// A fault of the field `name` of the object being read.
    func fault(_ name: StaticString, code: Refusal.Code, _ message: String) -> WireError {
        WireError(code, field: "\(scope)\(name)", message)
    }

    /// The field `name` has to be there and is not.
    func missing(_ name: StaticString) -> WireError { fault(name, "missing") }

    /// Whether a value of `kind` follows; `false` and consumed for `null`.
    private mutating func expect(
        _ kind: JSONKind, _ name: StaticString, _ message: StaticString
    ) throws(WireError) -> Bool {
        let found = try self.kind()
        if found == kind { return true }
        guard found == .null else { throw fault(name, "\(message)") }
        do { _ = try json.readNull() } catch { throw malformed(error) }
        return false
    }

    /// Tells a number that does not fit from one that is none.
    private func number(_ error: JSONError, _ name: StaticString, _ message: String) -> WireError {
        error.kind == .numberOutOfRange ? fault(name, message) : malformed(error)
    }

    private func malformed(_ error: JSONError) -> WireError {
        WireError(.invalidMessage, "not valid JSON (\(error.kind) at byte \(error.offset))")
    }
}
