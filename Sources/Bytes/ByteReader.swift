/// Reads a record of integers and runs of bytes that ``ByteBuffer`` wrote, most significant byte first.
///
/// Every read is checked against what is left and answers `nil` beyond it, so that no input makes it trap. The bytes
/// must outlive the reader.
public struct ByteReader {
    private var rest: UnsafeRawBufferPointer

    /// A reader of `bytes`.
    public init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    /// The number of bytes not read yet.
    public var remaining: Int { rest.count }

    /// The next integer.
    public mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type = Value.self) -> Value? {
        guard let bytes = bytes(MemoryLayout<Value>.size) else { return nil }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }

    /// The next `count` bytes, in place.
    public mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= rest.count else { return nil }
        let taken = UnsafeRawBufferPointer(rebasing: rest[rest.startIndex..<rest.startIndex + count])
        rest = UnsafeRawBufferPointer(rebasing: rest[(rest.startIndex + count)...])
        return taken
    }

    /// A run of bytes behind its length in four bytes, in place.
    public mutating func counted() -> UnsafeRawBufferPointer? {
        guard let count = integer(UInt32.self) else { return nil }
        return bytes(Int(count))
    }

    /// A run of UTF-8 behind its length in four bytes; `nil` also where it is no UTF-8.
    public mutating func text() -> String? {
        guard let bytes = counted(), UTF8Validator.isValid(bytes) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ByteBuffer {
    /// Appends a run of bytes behind its length in four bytes; it must be shorter than 4 GiB.
    public mutating func append(counted bytes: UnsafeRawBufferPointer) {
        appendBigEndian(UInt32(bytes.count))
        append(bytes)
    }

    /// Appends a text's UTF-8 behind its length in four bytes; it must be shorter than 4 GiB.
    public mutating func append(counted text: String) {
        var text = text
        text.withUTF8 { append(counted: UnsafeRawBufferPointer($0)) }
    }
}
