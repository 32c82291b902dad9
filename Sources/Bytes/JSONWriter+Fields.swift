/// A key and its value in one call; `nil` is written as `null`.
extension JSONWriter {
    /// Writes a string member.
    @inlinable
    @_disfavoredOverload  // A literal is to take the cheaper way below.
    public mutating func field(_ key: StaticString, _ value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }

    /// Writes a string member from a literal.
    @inlinable
    public mutating func field(_ key: StaticString, static value: StaticString) {
        self.key(key)
        string(static: value)
    }

    /// Writes a string member from a literal.
    @inlinable
    public mutating func field(_ key: StaticString, _ value: StaticString) { field(key, static: value) }

    /// Writes an integer member.
    @inlinable
    public mutating func field<Value: FixedWidthInteger>(_ key: StaticString, _ value: Value?) {
        self.key(key)
        if let value { int(value) } else { null() }
    }

    /// Writes a number member, see ``double(_:decimals:)``.
    @inlinable
    public mutating func field(_ key: StaticString, _ value: Double?, decimals: Int? = nil) {
        self.key(key)
        if let value { double(value, decimals: decimals) } else { null() }
    }

    /// Writes a number member from an integer of 10^-`decimals` units, see ``fixed(_:decimals:)``.
    @inlinable
    public mutating func field(_ key: StaticString, fixed value: Int64?, decimals: Int) {
        self.key(key)
        if let value { fixed(value, decimals: decimals) } else { null() }
    }

    /// Writes a boolean member.
    @inlinable
    public mutating func field(_ key: StaticString, _ value: Bool?) {
        self.key(key)
        if let value { bool(value) } else { null() }
    }
}
