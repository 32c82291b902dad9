import Bytes
import Grid

/// Reads one flat JSON object whose members may each stand once.
enum JSONMembers {
    /// Calls `member` with each name; it reads the value, or returns why the token is refused for it.
    ///
    /// A name that stands twice is refused whatever it is: two readers could disagree about which one counts.
    static func read(
        _ json: UnsafeRawBufferPointer, of part: String,
        _ member: (_ name: String, _ reader: inout JSONReader) throws(JSONError) -> String?
    ) throws(TokenError) {
        let refusal: String?
        do throws(JSONError) {
            refusal = try walk(json, of: part, member)
        } catch {
            throw .malformed("the \(part) is not a JSON object of the expected shape (byte \(error.offset))")
        }
        if let refusal { throw .malformed(refusal) }
    }

    private static func walk(
        _ json: UnsafeRawBufferPointer, of part: String,
        _ member: (_ name: String, _ reader: inout JSONReader) throws(JSONError) -> String?
    ) throws(JSONError) -> String? {
        var reader = JSONReader(json, maximumDepth: Limits.jsonDepth)
        var seen: Set<String> = []
        try reader.beginObject()
        while let key = try reader.nextKey() {
            let name = key.string
            guard seen.insert(name).inserted else { return "the \(part) has a member twice" }
            if let refusal = try member(name, &reader) { return refusal }
        }
        try reader.finish()
        return nil
    }
}
