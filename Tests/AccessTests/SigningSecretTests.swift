import Glibc
import Testing

@testable import Access

@Suite struct SigningSecretTests {
    let scratch = ScratchDirectory()
    var path: String { scratch.path + "/jwt.key" }

    @Test func createdOnceThenTheSame() throws {
        let first = try SigningSecret.loadOrCreate(directory: scratch.path)
        let second = try SigningSecret.loadOrCreate(directory: scratch.path)
        #expect(first.bytes == second.bytes)
        #expect(first.bytes.count == 43)
        #expect(scratch.names == ["jwt.key"])
        #expect(scratch.mode(of: "jwt.key") == 0o600)
    }

    @Test func differsFromDirectoryToDirectory() throws {
        let other = ScratchDirectory()
        let here = try SigningSecret.loadOrCreate(directory: scratch.path)
        #expect(try SigningSecret.loadOrCreate(directory: other.path).bytes != here.bytes)
    }

    @Test func oneLineBreakAtTheEndIsNotPartOfIt() throws {
        let text = [UInt8]("0123456789abcdef0123456789abcdef".utf8)
        for (name, ending) in [("none", ""), ("unix", "\n"), ("dos", "\r\n")] {
            scratch.write(name, text + [UInt8](ending.utf8))
            #expect(try SigningSecret.load(from: scratch.path + "/" + name).bytes == text)
        }
        scratch.write("two", text + [10, 10])
        #expect(try SigningSecret.load(from: scratch.path + "/two").bytes == text + [10])
    }

    @Test func anExposedOrShortFileIsRefusedAndLeftAlone() throws {
        scratch.write("jwt.key", [UInt8](repeating: 65, count: 40), mode: 0o644)
        #expect(throws: KeyError.exposed(path: path, mode: 0o644)) {
            try SigningSecret.loadOrCreate(directory: scratch.path)
        }
        scratch.write("jwt.key", [UInt8](repeating: 65, count: 31))
        #expect(throws: KeyError.unusable(source: path, reason: "a secret needs at least 32 bytes")) {
            try SigningSecret.loadOrCreate(directory: scratch.path)
        }
        #expect(try SecretFile.read(path).count == 31)
    }

    @Test func aPublishedKeyIsNoSecret() {
        for key in IssuerKey.asymmetric {
            #expect(throws: KeyError.self) { try SigningSecret(bytes: key.publicPEM) }
        }
    }

    @Test func aDirectoryThatIsNotThereIsAnError() {
        #expect(throws: KeyError.self) { try SigningSecret.loadOrCreate(directory: scratch.path + "/absent") }
    }

    @Test func printingShowsNothing() throws {
        let secret = try SigningSecret(bytes: [UInt8](repeating: 0x73, count: 32))
        var dumped = ""
        dump(secret, to: &dumped)
        for shown in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!shown.contains("115") && !shown.contains("sss"))
        }
    }
}
