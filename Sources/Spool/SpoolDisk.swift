internal import Glibc

/// The calls that change a segment, so that tests can let a disk be full, slow to take bytes, or dead.
struct SpoolDisk: Sendable {
    /// `pwrite(2)`: bytes taken, or a negative `errno`.
    var write: @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int = { descriptor, bytes, offset in
        let count = pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
        return count >= 0 ? count : -Int(errno)
    }
    /// `fdatasync(2)`: 0 or an `errno`.
    var sync: @Sendable (Int32) -> Int32 = { fdatasync($0) == 0 ? 0 : errno }
    /// `ftruncate(2)`: 0 or an `errno`.
    var truncate: @Sendable (Int32, Int) -> Int32 = { ftruncate($0, off_t($1)) == 0 ? 0 : errno }
    /// `rename(2)`: 0 or an `errno`.
    var rename: @Sendable (String, String) -> Int32 = { Glibc.rename($0, $1) == 0 ? 0 : errno }

    /// The machine's own.
    static let real = SpoolDisk()
}
