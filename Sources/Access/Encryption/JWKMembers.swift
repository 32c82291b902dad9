import Bytes
import Grid

/// The members of a JSON Web Key (RFC 7517) that encrypting with one asks for, not yet judged.
///
/// Others are skipped, as the RFC demands: certificates and addresses of them too, so nothing is ever fetched. So is
/// `key_ops`: WebCrypto exports a public key with an empty list of them.
struct JWKMembers {
    var type: String?
    var curve: String?
    var x: String?
    var y: String?
    /// The shared secret of an `oct` key.
    var secret: String?
    var use: String?
    var algorithm: String?
    var keyID: String?
    /// Whether `d` stands there, whatever it holds.
    var hasPrivateHalf = false

    /// Reads a key's members; each may stand once.
    static func read(_ json: UnsafeRawBufferPointer) throws(JWKError) -> JWKMembers {
        guard json.count <= Limits.jwkBytes else { throw .tooLarge }
        var members = JWKMembers()
        do throws(TokenError) {
            try JSONMembers.read(json, of: "key") { name, reader throws(JSONError) in
                switch name {
                case "kty": members.type = try reader.readString()
                case "crv": members.curve = try reader.readString()
                case "x": members.x = try reader.readString()
                case "y": members.y = try reader.readString()
                case "k": members.secret = try reader.readString()
                case "use": members.use = try reader.readString()
                case "alg": members.algorithm = try reader.readString()
                case "kid": members.keyID = try reader.readString()
                case "d":
                    members.hasPrivateHalf = true
                    try reader.skipValue()
                default: try reader.skipValue()
                }
                return nil
            }
        } catch {
            guard case .malformed(let reason) = error else { preconditionFailure("members are malformed or read") }
            throw .malformed(reason)
        }
        return members
    }

    /// The bytes that a member spells in base64url, which must be 32.
    static func bytes(_ text: String?, of name: String) throws(JWKError) -> [UInt8] {
        guard let text else { throw .missingMember(name) }
        guard let bytes = Base64.decode(text, urlSafe: true) else { throw .malformed("\(name) is not base64url") }
        guard bytes.count == 32 else { throw .wrongLength(name) }
        return bytes
    }
}
