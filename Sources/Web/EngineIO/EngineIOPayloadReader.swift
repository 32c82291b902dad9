import Bytes
import Glibc

/// Takes the body of a long-polling request apart: packets with a record separator (U+001E) between two of them.
///
/// Nothing is copied: texts are answered where they lie, and base 64 is decoded over its own characters, so that a body
/// can be read only once. Every text is checked to be UTF-8. An error is final: what lies behind it is not read.
public struct EngineIOPayloadReader {
    /// What separates two packets.
    static let separator: UInt8 = 0x1E

    /// The bytes not read yet; `nil` once the last packet was read, which may have been an empty one.
    private var rest: UnsafeMutableRawBufferPointer?

    /// A reader of `body`, which it changes and which must outlive it and every packet that it answers.
    public init(_ body: UnsafeMutableRawBufferPointer) { rest = body }

    /// The next packet; `nil` behind the last one.
    public mutating func next() throws(EngineIOError) -> EngineIOPacket? {
        guard let rest else { return nil }
        self.rest = nil
        guard let start = rest.baseAddress, !rest.isEmpty else { throw .emptyPacket }
        var packet = rest
        var behind: UnsafeMutableRawBufferPointer?
        if let separator = memchr(start, Int32(Self.separator), rest.count) {
            let count = separator - start
            packet = UnsafeMutableRawBufferPointer(rebasing: rest[..<count])
            behind = UnsafeMutableRawBufferPointer(rebasing: rest[(count + 1)...])
        }
        let answer = try Self.packet(packet)
        self.rest = behind
        return answer
    }

    private static func packet(_ bytes: UnsafeMutableRawBufferPointer) throws(EngineIOError) -> EngineIOPacket {
        guard bytes.first == EngineIOPacket.binaryPrefix else {
            let text = UnsafeRawBufferPointer(bytes)
            guard UTF8Validator.isValid(text) else { throw .invalidText }
            return try EngineIOPacket(text: text)
        }
        let characters = UnsafeMutableRawBufferPointer(rebasing: bytes[1...])
        // Some encoders leave the padding out; where it is, it has to be right.
        let isPadded = characters.count.isMultiple(of: 4)
        guard let decoded = Base64.decode(UnsafeRawBufferPointer(characters), padded: isPadded) else {
            throw .invalidBase64
        }
        // Decoding shortens, so the bytes find room where their characters were.
        characters.copyBytes(from: decoded)
        return EngineIOPacket(binary: UnsafeRawBufferPointer(rebasing: characters[..<decoded.count]))
    }
}
