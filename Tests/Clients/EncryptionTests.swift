import Access
import Bytes
import Foundation
import Testing

/// Payloads encrypted for keys that other implementations made, and opened by them and by the documented examples.
@Suite("Encrypted payloads and others' JOSE", .serialized)
struct EncryptionTests {
    /// Who makes the keys.
    enum Maker: String, CaseIterable, Sendable {
        case jwcrypto
        case webCrypto
    }

    private static let values = [
        #""GPU 3 is too hot""#, #"{"message":"a \"quoted\" one","n":[1,null,true]}"#, #""Zürich 🔥""#, "[]",
        "\"" + String(repeating: "long ", count: 2000) + "\"",
    ]

    @Test("Every key is taken, and every opener reads what was written", arguments: Maker.allCases)
    func interoperability(maker: Maker) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("jose-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let made = try await makeKeys(maker, folder.path)
        let kinds = ["p256", "x25519", "shared"]
        try #require(made.count == kinds.count)
        for (kind, jwk) in zip(kinds, made) {
            let key = try [UInt8](jwk.utf8).withUnsafeBytes { try PayloadKey(jwk: $0) }
            #expect(key.keyID == (maker == .jwcrypto ? "jwcrypto \(kind)" : nil))
            let file = folder.appendingPathComponent("\(kind).json").path
            let messages = Self.values.map { encrypt($0, key) }
            for (name, opened) in try await open(messages, file) {
                #expect(opened == Self.values, "\(name) opens \(kind) of \(maker)")
            }
            var changed = Array(messages[0].utf8)
            let last = changed.count - 3
            changed[last] = changed[last] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            for (name, run) in try await runOpeners([String(decoding: changed, as: UTF8.self)], file) {
                #expect(run.status != 0, "\(name) opened a changed message: \(run.output)")
            }
        }
    }

    private func encrypt(_ value: String, _ key: PayloadKey) -> String {
        var text = ByteBuffer()
        [UInt8](value.utf8).withUnsafeBytes { key.encrypt($0, into: &text) }
        return text.text
    }

    // MARK: Others' programs

    private static let node = URL(fileURLWithPath: "/usr/bin/env")
    private static let python = Checkout.root.appendingPathComponent(".build/venv/bin/python")

    private func path(_ name: String) -> String { Checkout.root.appendingPathComponent(name).path }

    private func makeKeys(_ maker: Maker, _ folder: String) async throws -> [String] {
        let run =
            switch maker {
            case .jwcrypto:
                try await ScriptRun(Self.python, [path("Tests/Clients/python/jose_peer.py"), "keys", folder])
            case .webCrypto:
                try await ScriptRun(
                    Self.node, ["node", "--no-warnings", path("Tests/Clients/javascript/webcrypto_keys.js"), folder])
            }
        try #require(run.status == 0, "\(run.output)")
        return run.output.split(separator: "\n").map(String.init)
    }

    private func runOpeners(_ messages: [String], _ file: String) async throws -> [(String, ScriptRun)] {
        [
            (
                "jwcrypto",
                try await ScriptRun(Self.python, [path("Tests/Clients/python/jose_peer.py"), "open", file] + messages)
            ),
            ("decrypt.py", try await ScriptRun(Self.python, [path("docs/examples/decrypt.py"), file] + messages)),
            (
                "decrypt.mjs",
                try await ScriptRun(
                    Self.node, ["node", "--no-warnings", path("docs/examples/decrypt.mjs"), file] + messages)
            ),
        ]
    }

    private func open(_ messages: [String], _ file: String) async throws -> [(String, [String])] {
        var opened: [(String, [String])] = []
        for (name, run) in try await runOpeners(messages, file) {
            try #require(run.status == 0, "\(name): \(run.output)")
            opened.append((name, run.output.split(separator: "\n").map(String.init)))
        }
        return opened
    }
}
