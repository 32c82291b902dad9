import Bytes
import Grid

/// What a sample is read with: the quick reader, which gives up on anything unusual, or the strict one, which then
/// reads the message again from its start and says what is wrong, if anything is.
///
/// So the fields of a sample are written down once, and the quick reader needs no error texts.
protocol SampleReader {
    associatedtype Fault: Error

    /// The path of the object being read, for the texts of faults.
    var scope: StaticString { get set }

    /// The next key of the open object.
    mutating func nextKey<Key: WireKey>(_ expected: inout Int) throws(Fault) -> FoundKey<Key>
    /// Opens an object; `false` and consumed for `null`.
    mutating func beginObject(_ name: StaticString) throws(Fault) -> Bool
    /// Opens an array; `false` and consumed for `null`.
    mutating func beginArray(_ name: StaticString) throws(Fault) -> Bool
    /// Whether a further element follows; `false` once the array was closed.
    mutating func nextElement() throws(Fault) -> Bool
    /// Passes over one value.
    mutating func skip() throws(Fault)

    mutating func percent(_ name: StaticString) throws(Fault) -> Double?
    mutating func real(_ name: StaticString, in range: ClosedRange<Double>) throws(Fault) -> Double?
    mutating func amount(_ name: StaticString) throws(Fault) -> UInt64?
    mutating func whole<Number: FixedWidthInteger>(
        _ name: StaticString, in range: ClosedRange<Number>
    ) throws(Fault) -> Number?

    /// Reads one value by the strict reader: what is rare needs no quick way.
    mutating func strictly<Value>(
        _ read: (inout MessageReader) throws(WireError) -> Value
    ) throws(Fault) -> Value

    /// A fault of the field `name` of the object being read.
    func fault(_ name: StaticString, _ message: @autoclosure () -> String) -> Fault
}

/// What ``SampleReader/nextKey(_:)`` came upon.
enum FoundKey<Key: WireKey> {
    /// A key of this object; its value follows.
    case known(Key)
    /// A key that this version does not know; its value follows.
    case unknown
    /// The object was closed.
    case end
}

extension SampleReader {
    /// The value of a field that has to be there.
    @inline(__always)
    func required<Value>(_ value: Value?, _ name: StaticString) throws(Fault) -> Value {
        guard let value else { throw fault(name, "missing") }
        return value
    }
}

extension MessageReader: SampleReader {
    mutating func nextKey<Key: WireKey>(_ expected: inout Int) throws(WireError) -> FoundKey<Key> {
        guard let text = try nextKey() else { return .end }
        guard let key = Key.find(text, expected: &expected) else { return .unknown }
        return .known(key)
    }

    mutating func strictly<Value>(
        _ read: (inout MessageReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        try read(&self)
    }

    func fault(_ name: StaticString, _ message: @autoclosure () -> String) -> WireError {
        WireError(.invalidMessage, field: "\(scope)\(name)", message())
    }
}
