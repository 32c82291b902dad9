import Bytes
import Grid

extension TokenClaims {
    /// Reads the payload of a token whose signature is verified.
    static func read(_ json: UnsafeRawBufferPointer) throws(TokenError) -> TokenClaims {
        var found = Found()
        try JSONMembers.read(json, of: "payload") { name, reader throws(JSONError) in
            try found.take(name, &reader)
        }
        return try found.complete()
    }

    /// The claims as they are met, before it is known whether all are there.
    private struct Found {
        var subject: String?
        var permissions: Permissions?
        var expiresAt: Timestamp?
        var notBefore: Timestamp?
        var issuedAt: Timestamp?
        var issuer: String?
        var audience: [String] = []
        var tokenID: String?
        var region: String?

        /// Reads one claim; returns why the token is refused, or `nil`.
        mutating func take(_ name: String, _ reader: inout JSONReader) throws(JSONError) -> String? {
            switch name {
            case "sub":
                let text = try reader.readString()
                guard Self.isName(text, 1...Limits.userIDBytes) else { return "the claim sub is not a user's name" }
                subject = text
            case "permissions":
                permissions = try Self.readPermissions(&reader)
            case "exp":
                expiresAt = try Self.readTime(&reader)
                if expiresAt == nil { return "the claim exp is out of range" }
            case "nbf":
                notBefore = try Self.readTime(&reader)
                if notBefore == nil { return "the claim nbf is out of range" }
            case "iat":
                issuedAt = try Self.readTime(&reader)
                if issuedAt == nil { return "the claim iat is out of range" }
            case "iss":
                issuer = try reader.readString()
            case "aud":
                audience = try Self.readAudience(&reader)
            case "jti":
                let text = try reader.readString()
                guard Self.isName(text, 1...Limits.tokenIDBytes) else { return "the claim jti is not a token's name" }
                tokenID = text
            case "region":
                let text = try reader.readString()
                guard Self.isName(text, 0...Limits.regionBytes) else {
                    return "the claim region is not a region's name"
                }
                region = text.isEmpty ? nil : text
            default:
                try reader.skipValue()
            }
            return nil
        }

        func complete() throws(TokenError) -> TokenClaims {
            guard let subject else { throw .missingClaim("sub") }
            guard let permissions else { throw .missingClaim("permissions") }
            guard let expiresAt else { throw .missingClaim("exp") }
            return TokenClaims(
                subject: UserID(subject), permissions: permissions, expiresAt: expiresAt, notBefore: notBefore,
                issuedAt: issuedAt, issuer: issuer, audience: audience, tokenID: tokenID, region: region)
        }

        /// Of that many bytes, and without control characters: it will stand in logs.
        private static func isName(_ text: String, _ bytes: ClosedRange<Int>) -> Bool {
            bytes.contains(text.utf8.count)
                && !text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
        }

        private static func readPermissions(_ reader: inout JSONReader) throws(JSONError) -> Permissions {
            var permissions: Permissions = []
            try reader.beginArray()
            while try reader.nextElement() {
                if let known = Permissions.named(try reader.readString()) { permissions.insert(known) }
            }
            return permissions
        }

        private static func readAudience(_ reader: inout JSONReader) throws(JSONError) -> [String] {
            if try reader.peek() == .string { return [try reader.readString()] }
            var audience: [String] = []
            try reader.beginArray()
            while try reader.nextElement() { audience.append(try reader.readString()) }
            return audience
        }

        /// A NumericDate (RFC 7519 §2): seconds since 1970, fractions allowed; `nil` outside the years 1970 to 9999.
        private static func readTime(_ reader: inout JSONReader) throws(JSONError) -> Timestamp? {
            let seconds = try reader.readDouble()
            guard seconds >= 0, seconds < 253_402_300_800 else { return nil }
            return Timestamp(milliseconds: Int64((seconds * 1000).rounded(.down)))
        }
    }

    /// The payload of a token that says this, times in whole seconds rounded down.
    func json() -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("sub")
        writer.string(subject.text)
        writer.key("permissions")
        writer.beginArray()
        for name in permissions.names { writer.string(name) }
        writer.endArray()
        writer.key("exp")
        writer.int(expiresAt.milliseconds / 1000)
        if let notBefore {
            writer.key("nbf")
            writer.int(notBefore.milliseconds / 1000)
        }
        if let issuedAt {
            writer.key("iat")
            writer.int(issuedAt.milliseconds / 1000)
        }
        if let issuer {
            writer.key("iss")
            writer.string(issuer)
        }
        if let only = audience.first, audience.count == 1 {
            writer.key("aud")
            writer.string(only)
        } else if !audience.isEmpty {
            writer.key("aud")
            writer.beginArray()
            for name in audience { writer.string(name) }
            writer.endArray()
        }
        if let tokenID {
            writer.key("jti")
            writer.string(tokenID)
        }
        if let region {
            writer.key("region")
            writer.string(region)
        }
        writer.endObject()
        return writer.buffer
    }
}
