/// The six kinds of JSON value.
public enum JSONKind: UInt8, Sendable {
    case object, array, string, number, bool, null
}

/// A pull parser over JSON text (RFC 8259) in memory that outlives it; it allocates nothing.
///
/// The caller asks for what it expects, value by value, and everything consumed, skipped parts included, is fully
/// validated: grammar, UTF-8, escapes, numbers, depth. Half a surrogate pair is refused (RFC 7493 §2.1), duplicate
/// keys are the caller's business. After an error the reader must not be used further. No input makes it trap.
///
/// ```swift
/// var reader = JSONReader(bytes)
/// try reader.beginObject()
/// while let key = try reader.nextKey() {
///     if key == "id" { id = try reader.readInt64() } else { try reader.skipValue() }
/// }
/// try reader.finish()
/// ```
@frozen
public struct JSONReader {
    @usableFromInline let base: UnsafePointer<UInt8>
    @usableFromInline let count: Int
    /// The index of the next unread byte.
    @usableFromInline var position = 0
    /// Arrays and objects now open.
    @usableFromInline var depth = 0
    @usableFromInline let maximumDepth: Int
    /// Whether the innermost open array or object has had no element yet, so that a comma would be wrong.
    @usableFromInline var isFirst = false

    /// The deepest limit that a reader can be given.
    public static var deepest: Int { 64 }

    /// A reader of `bytes`, which must outlive it and all texts it returns.
    ///
    /// - Parameter maximumDepth: arrays and objects that may be open at once, 1 to ``deepest``.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer, maximumDepth: Int = 32) {
        precondition(maximumDepth >= 1 && maximumDepth <= Self.deepest, "depth limit out of range")
        // The address of an empty text is never read; any will do.
        let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        base = start.assumingMemoryBound(to: UInt8.self)
        count = bytes.count
        self.maximumDepth = maximumDepth
    }

    /// The index of the next unread byte, in bytes from the start.
    @inlinable
    public var offset: Int { position }

    // MARK: Structure

    /// The kind of the next value, which is not consumed.
    @inlinable
    public mutating func peek() throws(JSONError) -> JSONKind {
        switch significant() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), 0x30...0x39: return .number
        default: throw unexpected()
        }
    }

    /// Enters an object; ``nextKey()`` then walks its members.
    @inlinable
    public mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"))
    }

    /// Enters an array; ``nextElement()`` then walks its elements.
    @inlinable
    public mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["))
    }

    /// The next key of the object last entered, its colon consumed, so that its value follows and must be consumed.
    ///
    /// `nil` when the object's end was consumed instead.
    @inlinable
    public mutating func nextKey() throws(JSONError) -> JSONText? {
        guard depth > 0 else { throw unexpected() }
        var byte = significant()
        if byte == UInt8(ascii: "}") {
            end()
            return nil
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw unexpected() }
            position &+= 1
            byte = significant()
        }
        guard byte == UInt8(ascii: "\"") else { throw unexpected() }
        isFirst = false
        let key = try scanText()
        guard significant() == UInt8(ascii: ":") else { throw unexpected() }
        position &+= 1
        return key
    }

    /// Whether the array last entered has a further element, which follows and must be consumed.
    ///
    /// `false` when the array's end was consumed instead.
    @inlinable
    public mutating func nextElement() throws(JSONError) -> Bool {
        guard depth > 0 else { throw unexpected() }
        let byte = significant()
        if byte == UInt8(ascii: "]") {
            end()
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw unexpected() }
        position &+= 1
        // A value must follow: `[1,]` would else be taken for an end by a caller that only counts.
        guard significant() != UInt8(ascii: "]") else { throw unexpected() }
        return true
    }

    /// Checks that everything entered was left and that nothing but whitespace remains.
    @inlinable
    public mutating func finish() throws(JSONError) {
        let byte = significant()
        guard depth == 0 else { throw unexpected() }
        guard byte == 0, position == count else { throw JSONError(.trailingBytes, at: position) }
    }

    // MARK: Scalars

    /// The next value, a string, still in place.
    @inlinable
    public mutating func readText() throws(JSONError) -> JSONText {
        guard significant() == UInt8(ascii: "\"") else { throw mismatch() }
        return try scanText()
    }

    /// The next value, a string, decoded. Allocates where it is longer than 15 bytes.
    public mutating func readString() throws(JSONError) -> String {
        try readText().string
    }

    /// The next value, `true` or `false`.
    @inlinable
    public mutating func readBool() throws(JSONError) -> Bool {
        switch significant() {
        case UInt8(ascii: "t"):
            try literal("true")
            return true
        case UInt8(ascii: "f"):
            try literal("false")
            return false
        default:
            throw mismatch()
        }
    }

    /// Consumes a `null`: `true` if one is next, else `false` with nothing consumed.
    @inlinable
    public mutating func readNull() throws(JSONError) -> Bool {
        guard significant() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    // MARK: Skipping

    /// Consumes and validates the next value, of whatever kind.
    public mutating func skipValue() throws(JSONError) {
        let outer = depth
        // A bit for each container entered here, the innermost lowest: set for an object.
        var objects: UInt64 = 0
        repeat {
            switch significant() {
            case UInt8(ascii: "{"):
                try beginObject()
                objects = objects &<< 1 | 1
            case UInt8(ascii: "["):
                try beginArray()
                objects = objects &<< 1
            case UInt8(ascii: "\""): _ = try scanText()
            case UInt8(ascii: "t"): try literal("true")
            case UInt8(ascii: "f"): try literal("false")
            case UInt8(ascii: "n"): try literal("null")
            default: try skipNumber()
            }
            while depth > outer {
                if objects & 1 == 1 {
                    if try nextKey() != nil { break }
                } else {
                    if try nextElement() { break }
                }
                objects = objects &>> 1
            }
        } while depth > outer
    }

    /// The bytes of the next value, of whatever kind, consumed and validated.
    public mutating func readRaw() throws(JSONError) -> UnsafeRawBufferPointer {
        _ = significant()
        let first = position
        try skipValue()
        return UnsafeRawBufferPointer(start: base + first, count: position &- first)
    }

    // MARK: Primitives

    /// Skips whitespace; the next byte, not consumed, or 0 at the end.
    @inlinable
    @inline(__always)
    mutating func significant() -> UInt8 {
        while position < count {
            let byte = base[position]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position &+= 1
        }
        return 0
    }

    @inlinable
    @inline(__always)
    mutating func begin(_ opening: UInt8) throws(JSONError) {
        guard significant() == opening else { throw mismatch() }
        guard depth < maximumDepth else { throw JSONError(.tooDeep, at: position) }
        depth &+= 1
        position &+= 1
        isFirst = true
    }

    @inlinable
    @inline(__always)
    mutating func end() {
        depth &-= 1
        position &+= 1
        // The container that ended was an element of the one around it.
        isFirst = false
    }

    @inlinable
    @inline(__always)
    mutating func literal(_ text: StaticString) throws(JSONError) {
        let length = text.utf8CodeUnitCount
        guard count &- position >= length else { throw literalFault(text) }
        let source = text.utf8Start
        var index = 0
        while index < length {
            guard base[position &+ index] == source[index] else { throw literalFault(text) }
            index &+= 1
        }
        position &+= length
    }

    // MARK: Faults

    /// The error for a byte that the grammar does not allow here.
    @usableFromInline
    @inline(never)
    func unexpected() -> JSONError {
        JSONError(position < count ? .unexpectedByte : .unexpectedEnd, at: position)
    }

    /// The error for a value of another kind than was asked for, or for no value at all.
    @usableFromInline
    @inline(never)
    func mismatch() -> JSONError {
        guard position < count else { return JSONError(.unexpectedEnd, at: position) }
        switch base[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "t"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "-"), 0x30...0x39:
            return JSONError(.typeMismatch, at: position)
        default:
            return JSONError(.unexpectedByte, at: position)
        }
    }

    /// The error for a literal that is misspelt or cut off.
    @usableFromInline
    @inline(never)
    func literalFault(_ text: StaticString) -> JSONError {
        var index = 0
        while index < text.utf8CodeUnitCount {
            guard position &+ index < count else { return JSONError(.unexpectedEnd, at: count) }
            guard base[position &+ index] == text.utf8Start[index] else { break }
            index &+= 1
        }
        return JSONError(.unexpectedByte, at: position &+ index)
    }
}
