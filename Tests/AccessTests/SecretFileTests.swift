import Glibc
import Testing

@testable import Access

@Suite struct SecretFileTests {
    let scratch = ScratchDirectory()

    @Test func createdForTheOwnerAloneAndReadBack() throws {
        let path = scratch.path + "/secret"
        try SecretFile.create(path, [1, 2, 3])
        #expect(scratch.mode(of: "secret") == 0o600)
        #expect(try SecretFile.read(path) == [1, 2, 3])
        #expect(scratch.names == ["secret"], "no draft is left beside it")
    }

    @Test func neverOverwritten() throws {
        let path = scratch.path + "/secret"
        try SecretFile.create(path, [1])
        #expect(throws: KeyError.exists(path: path)) { try SecretFile.create(path, [2]) }
        #expect(try SecretFile.read(path) == [1])
        #expect(scratch.names == ["secret"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666] as [UInt32])
    func refusedWhenOthersMayTouchIt(_ mode: UInt32) {
        scratch.write("secret", [1], mode: mode)
        let path = scratch.path + "/secret"
        #expect(throws: KeyError.exposed(path: path, mode: mode)) { try SecretFile.read(path) }
        #expect(throws: Never.self) { try SecretFile.readPublic(path) }
    }

    @Test(arguments: [0o600, 0o400, 0o700] as [UInt32])
    func readWhenTheOwnerAloneMay(_ mode: UInt32) throws {
        scratch.write("secret", [7], mode: mode)
        #expect(try SecretFile.read(scratch.path + "/secret") == [7])
    }

    @Test func missingFileNamesTheCall() {
        let path = scratch.path + "/absent"
        #expect(throws: KeyError.system(call: "open", path: path, errno: ENOENT)) { try SecretFile.read(path) }
    }

    @Test func onlyRegularFilesOfAModestSize() {
        #expect(throws: KeyError.self) { try SecretFile.read(scratch.path) }
        scratch.write("large", [UInt8](repeating: 0, count: SecretFile.maximumBytes + 1))
        #expect(throws: KeyError.self) { try SecretFile.read(scratch.path + "/large") }
        scratch.write("full", [UInt8](repeating: 0, count: SecretFile.maximumBytes))
        #expect(throws: Never.self) { try SecretFile.read(scratch.path + "/full") }
    }

    @Test func aPipeIsRefusedWithoutWaiting() {
        let path = scratch.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: KeyError.unusable(source: path, reason: "is not a regular file")) {
            try SecretFile.read(path)
        }
    }
}
