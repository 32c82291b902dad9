import Bytes
import Glibc
import Grid
import Testing

@testable import Access

@Suite struct Ed25519KeyPairTests {
    let scratch = ScratchDirectory()

    @Test func signsAndVerifies() {
        let pair = Ed25519KeyPair.generate()
        #expect(pair.publicKey.count == 32)
        for message in [[], [0], [UInt8](repeating: 7, count: 5000)] as [[UInt8]] {
            let signature = pair.sign(message)
            #expect(signature.count == 64)
            #expect(Ed25519KeyPair.verify(signature: signature, of: message, publicKey: pair.publicKey))
            #expect(!Ed25519KeyPair.verify(signature: signature, of: message + [0], publicKey: pair.publicKey))
        }
    }

    @Test func everyFlippedBitOfASignatureIsRefused() {
        let pair = Ed25519KeyPair.generate()
        let message: [UInt8] = [1, 2, 3]
        let signature = pair.sign(message)
        for bit in 0..<512 {
            var forged = signature
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!Ed25519KeyPair.verify(signature: forged, of: message, publicKey: pair.publicKey))
        }
    }

    @Test func otherKeysAndWrongLengthsAreNoSignature() {
        let pair = Ed25519KeyPair.generate()
        let signature = pair.sign([1])
        #expect(!Ed25519KeyPair.verify(signature: signature, of: [1], publicKey: Ed25519KeyPair.generate().publicKey))
        #expect(!Ed25519KeyPair.verify(signature: [], of: [1], publicKey: pair.publicKey))
        #expect(!Ed25519KeyPair.verify(signature: signature + [0], of: [1], publicKey: pair.publicKey))
        #expect(!Ed25519KeyPair.verify(signature: signature, of: [1], publicKey: []))
        #expect(!Ed25519KeyPair.verify(signature: signature, of: [1], publicKey: pair.publicKey + [0]))
        #expect(!Ed25519KeyPair.verify(signature: signature, of: [1], publicKey: [UInt8](repeating: 0xFF, count: 32)))
    }

    /// RFC 8032 §7.1, tests 1 and 3.
    @Test(arguments: [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func knownSignatures(_ key: String, _ message: String, _ signature: String) throws {
        let key = try #require(Hexadecimal.decode(key))
        let message = try #require(Hexadecimal.decode(message))
        let signature = try #require(Hexadecimal.decode(signature))
        #expect(Ed25519KeyPair.verify(signature: signature, of: message, publicKey: key))
    }

    @Test func keptInAFileForItsOwnerAlone() throws {
        let path = scratch.path + "/agent.key"
        let pair = Ed25519KeyPair.generate()
        try pair.save(to: path)
        #expect(scratch.mode(of: "agent.key") == 0o600)
        let loaded = try Ed25519KeyPair.load(from: path)
        #expect(loaded.publicKey == pair.publicKey)
        #expect(loaded.sign([9]) == pair.sign([9]))
        let text = String(decoding: try SecretFile.read(path), as: UTF8.self)
        #expect(text.hasPrefix("-----BEGIN PRIVATE KEY-----\n"), "openssl pkey can read it")
    }

    @Test func anIdentityIsNeverOverwritten() throws {
        let path = scratch.path + "/agent.key"
        let pair = Ed25519KeyPair.generate()
        try pair.save(to: path)
        #expect(throws: KeyError.exists(path: path)) { try Ed25519KeyPair.generate().save(to: path) }
        #expect(try Ed25519KeyPair.load(from: path).publicKey == pair.publicKey)
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        let path = scratch.path + "/agent.key"
        try Ed25519KeyPair.generate().save(to: path)
        #expect(chmod(path, 0o640) == 0)
        #expect(throws: KeyError.exposed(path: path, mode: 0o640)) { try Ed25519KeyPair.load(from: path) }
    }

    @Test func otherContentsAreRefused() throws {
        let contents: [[UInt8]] = [
            [], [UInt8]("garbage".utf8), [UInt8](repeating: 1, count: 32), IssuerKey.edwards.publicPEM,
            IssuerKey.ec.privatePEM, IssuerKey.montgomery.privatePEM,
            Array(IssuerKey.edwards.privatePEM.dropLast(40)),
        ]
        for (index, content) in contents.enumerated() {
            scratch.write("key\(index)", content)
            let path = scratch.path + "/key\(index)"
            let expected = KeyError.unusable(
                source: path, reason: "holds no unencrypted Ed25519 private key in PEM")
            #expect(throws: expected) { try Ed25519KeyPair.load(from: path) }
        }
    }

    @Test func anEncryptedFileIsRefusedWithoutAsking() {
        let path = scratch.path + "/encrypted.key"
        scratch.write("encrypted.key", IssuerKey.edwards.encryptedPrivatePEM)
        #expect(throws: KeyError.self) { try Ed25519KeyPair.load(from: path) }
    }
}
