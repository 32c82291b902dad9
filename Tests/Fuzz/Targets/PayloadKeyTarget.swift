import Access
import Bytes
import Grid

extension FuzzTarget {
    /// Clients' keys: one is taken only if another reading of the text finds the same key and nothing against it, a
    /// point is taken exactly if it is one, and whatever was taken encrypts.
    static let jwk = FuzzTarget("jwk") { input in
        try ClientKey.present(input)
        try ClientKey.present(coordinates: input)
    }
}

private enum ClientKey {
    /// Presents the input as a key.
    static func present(_ jwk: UnsafeRawBufferPointer) throws {
        guard let key = try? PayloadKey(jwk: jwk) else { return }
        try require(jwk.count <= Limits.jwkBytes, "a key of \(jwk.count) bytes was taken")
        guard case .object(let members)? = JSONOracle.value(of: jwk, maximumDepth: 64) else {
            throw FuzzFinding("a key that is no object was taken")
        }
        var texts: [String: String] = [:]
        for member in members {
            let name = String(decoding: member.key, as: UTF8.self)
            try require(members.filter { $0.key == member.key }.count == 1, "\(name) stands twice")
            if case .string(let text) = member.value { texts[name] = String(decoding: text, as: UTF8.self) }
            try require(name != "d", "a private key was taken")
        }
        try require(key.keyID == texts["kid"], "a key named \(key.keyID ?? "") was taken for \(texts["kid"] ?? "")")
        try require(texts["use"] ?? "enc" == "enc", "a key for \(texts["use"] ?? "") was taken")
        func octets(_ name: String) -> [UInt8]? { texts[name].flatMap { Base64.decode($0, urlSafe: true) } }
        let isAgreed = texts["kty"] != "oct"
        switch (texts["kty"], texts["crv"]) {
        case ("oct", _): try require(octets("k")?.count == 32, "a secret of a wrong length was taken")
        case ("EC", "P-256"):
            try require(
                P256Point.isOnCurve(x: octets("x") ?? [], y: octets("y") ?? []), "a point off the curve was taken")
        case ("OKP", "X25519"): try require(octets("x")?.count == 32, "coordinates of a wrong length were taken")
        default: throw FuzzFinding("a key of the kind \(texts["kty"] ?? "") \(texts["crv"] ?? "") was taken")
        }
        try checkMessage(of: key, isAgreed: isAgreed)
    }

    /// What a key encrypts has five parts, a header that names how, and not a byte more than it must.
    private static func checkMessage(of key: PayloadKey, isAgreed: Bool) throws {
        let plaintext = [UInt8](#""told to one alone""#.utf8)
        var message = ByteBuffer()
        plaintext.withUnsafeBytes { key.encrypt($0, into: &message) }
        let parts = message.text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try require(parts.count == 5 && parts[1].isEmpty, "a message of \(parts.count) parts")
        let sizes = parts.dropFirst(2).map { Base64.decode($0, urlSafe: true)?.count }
        try require(sizes == [12, plaintext.count, 16], "a message of \(sizes)")
        let header = Base64.decode(parts[0], urlSafe: true) ?? []
        guard case .object(let members)? = header.withUnsafeBytes({ JSONOracle.value(of: $0, maximumDepth: 8) }) else {
            throw FuzzFinding("a header that is no object")
        }
        func text(_ name: String) -> JSONValue? { members.first { $0.key == [UInt8](name.utf8) }?.value }
        try require(text("enc") == .string([UInt8]("A256GCM".utf8)), "another encryption")
        try require(text("alg") == .string([UInt8]((isAgreed ? "ECDH-ES" : "dir").utf8)), "another algorithm")
        try require((text("epk") != nil) == isAgreed, "a key pair of its own where there is none, or none")
        try require(text("kid") == key.keyID.map { .string([UInt8]($0.utf8)) }, "the header names another key")
    }

    /// Presents the input's first 64 bytes as a point of P-256, and the first 32 as one of X25519.
    static func present(coordinates input: UnsafeRawBufferPointer) throws {
        guard input.count >= 64 else { return }
        let (x, y) = (Array(input[0..<32]), Array(input[32..<64]))
        func spell(_ bytes: [UInt8]) -> String { Base64.encode(bytes, urlSafe: true, padded: false) }
        let isTaken = isTaken(#"{"kty":"EC","crv":"P-256","x":"\#(spell(x))","y":"\#(spell(y))"}"#)
        try require(isTaken == P256Point.isOnCurve(x: x, y: y), "the curve has the point \(x), \(y): \(!isTaken)")
        _ = Self.isTaken(#"{"kty":"OKP","crv":"X25519","x":"\#(spell(x))"}"#)
    }

    private static func isTaken(_ jwk: String) -> Bool {
        let text = [UInt8](jwk.utf8)
        return text.withUnsafeBytes { (try? PayloadKey(jwk: $0)) != nil }
    }
}
