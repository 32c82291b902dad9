import CSQLite
import Glibc
import Testing

@testable import Store

@Suite struct StoreErrorTests {
    private static let ioError = SQLITE_IOERR
    private static let write = SQLITE_IOERR | 3 << 8
    private static let fsync = SQLITE_IOERR | 4 << 8
    private static let directoryFsync = SQLITE_IOERR | 5 << 8

    @Test(
        arguments: [
            (SQLITE_FULL, 0, StoreError.Kind.full), (SQLITE_CORRUPT, 0, .corrupt),
            (SQLITE_CORRUPT | 1 << 8, 0, .corrupt),
            (SQLITE_NOTADB, 0, .corrupt), (SQLITE_BUSY, 0, .locked), (SQLITE_LOCKED, 0, .locked),
            (SQLITE_CONSTRAINT, 0, .failed), (SQLITE_NOMEM, 0, .failed), (SQLITE_READONLY, 0, .failed),
            (write, ENOSPC, .full), (write, EDQUOT, .full), (write, EIO, .failed), (ioError, 0, .failed),
            (fsync, EIO, .failed), (fsync, ENOSPC, .failed), (directoryFsync, ENOSPC, .failed),
        ] as [(Int32, Int32, StoreError.Kind)])
    func resultsAreToldApart(_ code: Int32, _ systemError: Int32, _ kind: StoreError.Kind) {
        #expect(StoreError.kind(ofResult: code, systemError: systemError) == kind)
    }

    @Test func systemErrorsAreToldApart() {
        #expect(StoreError.system("open", "/d", errno: ENOSPC).kind == .full)
        #expect(StoreError.system("open", "/d", errno: EACCES).kind == .failed)
    }

    @Test func theDescriptionHasMessageCodeAndStatement() {
        let error = StoreError(.failed, code: 19, "FOREIGN KEY constraint failed", sql: "COMMIT")
        #expect(error.description == "FOREIGN KEY constraint failed [19] (in: COMMIT)")
        #expect(StoreError(.locked, "in use").description == "in use")
        #expect(
            StoreError.system("mkdir", "/d", errno: EACCES).description == "/d: mkdir: Permission denied [13]")
    }
}
