import Bytes
import Grid

/// A token's header, of which only `alg` has a say. Whatever would bring a key or a rule of its own is refused.
struct JOSEHeader {
    let algorithm: String

    /// Members that name or carry a key, change how the token is read, or belong to encrypted tokens.
    private static let refused: Set<String> = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc", "cty"]

    /// Reads a header; every member may stand once, and `typ`, where it stands, says JWT.
    static func read(_ json: UnsafeRawBufferPointer) throws(TokenError) -> JOSEHeader {
        var algorithm: String?
        try JSONMembers.read(json, of: "header") { name, reader throws(JSONError) in
            if refused.contains(name) { return "the header carries \(name)" }
            switch name {
            case "alg":
                algorithm = try reader.readString()
            case "typ":
                guard try reader.readString().lowercased() == "jwt" else { return "the header's typ is not JWT" }
            case "kid":
                // One key an algorithm: there is nothing to choose.
                _ = try reader.readString()
            default:
                try reader.skipValue()
            }
            return nil
        }
        guard let algorithm else { throw .malformed("the header has no alg") }
        return JOSEHeader(algorithm: algorithm)
    }
}
