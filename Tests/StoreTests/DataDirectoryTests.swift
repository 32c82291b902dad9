import Glibc
import Grid
import Testing

@testable import Store

@Suite struct DataDirectoryTests {
    let scratch = ScratchDirectory()

    private func kind(_ body: () throws(StoreError) -> Void) -> StoreError.Kind? {
        do throws(StoreError) {
            try body()
            return nil
        } catch { return error.kind }
    }

    @Test func createdForItsOwnerAlone() throws {
        let directory = try DataDirectory(path: scratch.path + "/state/grid/")
        #expect(directory.path == scratch.path + "/state/grid")
        #expect(scratch.mode(of: "state/grid") == 0o700)
        #expect(scratch.mode(of: "state") == 0o755)
        #expect(directory.databasePath == directory.path + "/neurogrid.db")
        #expect(directory.controlSocketPath == directory.path + "/control.sock")
        #expect(directory.signingSecretPath == directory.path + "/jwt.key")
    }

    @Test func anExistingOneIsTakenAsItIs() throws {
        chmod(scratch.path, 0o755)
        _ = try DataDirectory(path: scratch.path)
        #expect(scratch.mode(of: ".") == 0o755)
    }

    @Test func oneThatEveryUserMayWriteToIsRefused() {
        chmod(scratch.path, 0o777)
        #expect(kind { () throws(StoreError) in _ = try DataDirectory(path: scratch.path) } == .failed)
    }

    @Test func aFileIsNoDirectory() {
        scratch.write("file", [])
        #expect(kind { () throws(StoreError) in _ = try DataDirectory(path: scratch.path + "/file") } == .failed)
        #expect(kind { () throws(StoreError) in _ = try DataDirectory(path: scratch.path + "/file/below") } == .failed)
        #expect(kind { () throws(StoreError) in _ = try DataDirectory(path: "") } == .failed)
    }

    @Test func theSecondToLockIsRefusedAndToldWhoHoldsIt() throws {
        let first = try DataDirectory(path: scratch.path)
        let second = try DataDirectory(path: scratch.path)
        #expect(!first.isLocked)
        try first.lock()
        #expect(first.isLocked && scratch.mode(of: "lock") == 0o600)
        do throws(StoreError) {
            try second.lock()
            Issue.record("two hold the lock")
        } catch {
            #expect(error.kind == .locked)
            #expect(error.message.contains("process \(getpid())"))
            #expect(error.message.contains(scratch.path))
        }
        #expect(!second.isLocked)
        first.unlock()
        try second.lock()
        #expect(second.isLocked)
        second.unlock()
    }

    @Test func twoArchivesOfOneDirectoryExcludeEachOther() throws {
        let first = try scratch.archive()
        #expect(kind { () throws(StoreError) in _ = try scratch.archive() } == .locked)
        first.close()
        try scratch.archive().close()
    }

    @Test func theDatabaseFilesAreTheOwnersAlone() throws {
        chmod(scratch.path, 0o755)
        let archive = try scratch.archive()
        try archive.append([.node(Sample.enrolledNode(1))])
        #expect(scratch.names == ["lock", "neurogrid.db", "neurogrid.db-shm", "neurogrid.db-wal"])
        for name in scratch.names { #expect(scratch.mode(of: name) == 0o600) }
        archive.close()
    }
}
