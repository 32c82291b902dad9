internal import Bytes
internal import Glibc

/// One append-only file of records. It is written whole under another name first, so a segment that has its name has
/// its head.
final class SegmentFile {
    static let magic = Array("NGSPOOL1".utf8)
    static let headBytes = 16

    let path: String
    let number: UInt64
    private let descriptor: Int32
    private let disk: SpoolDisk
    /// The bytes that are known to be whole.
    private(set) var byteCount: Int
    /// After a failure that may have left anything behind the known bytes, or lost some: only a new file helps.
    private(set) var isSpoilt = false

    private init(path: String, number: UInt64, descriptor: Int32, byteCount: Int, disk: SpoolDisk) {
        self.path = path
        self.number = number
        self.descriptor = descriptor
        self.byteCount = byteCount
        self.disk = disk
    }

    /// Makes a segment of these records, on disk before this returns.
    static func create(
        _ path: String, number: UInt64, records: [SegmentRecord], disk: SpoolDisk
    ) throws(SpoolError) -> SegmentFile {
        let temporary = path + ".new"
        let descriptor = Glibc.open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("open", temporary, errno) }
        var bytes = ByteBuffer()
        bytes.append(magic)
        bytes.appendBigEndian(number)
        for record in records { bytes.append(record.encoded) }
        let file = SegmentFile(path: path, number: number, descriptor: descriptor, byteCount: 0, disk: disk)
        do throws(SpoolError) {
            try file.append(bytes, sync: true)
            let failure = disk.rename(temporary, path)
            guard failure == 0 else { throw .system("rename", path, failure) }
            try file.syncDirectory()
        } catch {
            file.close()
            unlink(temporary)
            throw error
        }
        return file
    }

    /// Opens a segment whose first `byteCount` bytes are whole; whatever stands behind them is cut off.
    static func open(
        _ path: String, number: UInt64, byteCount: Int, disk: SpoolDisk
    ) throws(SpoolError) -> SegmentFile {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        return SegmentFile(path: path, number: number, descriptor: descriptor, byteCount: byteCount, disk: disk)
    }

    /// Adds bytes at the end, all of them or none.
    func append(_ bytes: ByteBuffer, sync: Bool) throws(SpoolError) {
        precondition(!isSpoilt, "a spoilt segment is not written")
        let failure = bytes.withBytes { write($0, at: byteCount) }
        guard failure == 0 else {
            // What was written of it must not stand before the next record.
            if disk.truncate(descriptor, byteCount) != 0 { isSpoilt = true }
            throw .system("write", path, failure)
        }
        if sync {
            let failure = disk.sync(descriptor)
            guard failure == 0 else {
                // The kernel may have dropped the pages and forgotten that they were dirty.
                isSpoilt = true
                throw .system("fdatasync", path, failure)
            }
        }
        byteCount += bytes.count
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Int32 {
        var done = 0
        while done < bytes.count {
            let count = disk.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]), start + done)
            if count == -Int(EINTR) { continue }
            guard count > 0 else { return count == 0 ? ENOSPC : Int32(-count) }
            done += count
        }
        return 0
    }

    private func syncDirectory() throws(SpoolError) {
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let descriptor = Glibc.open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", directory, errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("fsync", directory, errno) }
    }

    func close() { Glibc.close(descriptor) }

    /// All bytes of a file.
    static func read(_ path: String, atMost limit: Int) throws(SpoolError) -> [UInt8] {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("read", path, errno) }
            guard count > 0, bytes.count < limit else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
