import Glibc

/// Reads small kernel files into one buffer, which all collectors of a thread share.
public final class FileReader {
    /// The largest file that is read: /proc/stat of a machine with a thousand cores fits several times.
    static let maximumBytes = 4 << 20

    private var buffer: UnsafeMutableRawBufferPointer

    public init() { buffer = .allocate(byteCount: 16 << 10, alignment: 16) }

    deinit { buffer.deallocate() }

    /// Hands the file's whole content to `body`; the bytes are valid only during the call.
    func read<Value>(
        _ absolute: String, of root: MachineRoot, _ body: (UnsafeRawBufferPointer) -> Value
    ) throws(FileFault) -> Value {
        let descriptor = open(root.path(absolute), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault(number: errno, path: absolute) }
        defer { _ = Glibc.close(descriptor) }
        return body(try content(of: descriptor, path: absolute))
    }

    /// As ``read(_:of:_:)``, through a descriptor that stays open from tick to tick.
    func read<Value>(
        _ file: HotFile, _ body: (UnsafeRawBufferPointer) -> Value
    ) throws(FileFault) -> Value {
        do throws(FileFault) {
            return body(try content(of: try file.opened(), path: file.path))
        } catch {
            // A descriptor can outlive what it names, as after a reload; the next tick opens it anew.
            file.close()
            throw error
        }
    }

    /// The first line of a file as text without surrounding blanks; `nil` when it is absent, unreadable or empty.
    ///
    /// Like ``number(_:of:)`` it leaves the shared buffer alone, so that a reading in progress may ask.
    func line(_ absolute: String, of root: MachineRoot) -> String? {
        let text = small(absolute, of: root) { scanner in scanner.restOfLine() }
        guard let text, !text.isEmpty else { return nil }
        return text
    }

    /// The number that a file starts with; `nil` when it is absent, unreadable or not a number.
    func number(_ absolute: String, of root: MachineRoot) -> UInt64? {
        small(absolute, of: root) { scanner in scanner.unsigned() } ?? nil
    }

    /// Scans the first 512 bytes of an attribute file; `nil` when it is absent, unreadable or empty.
    func small<Value>(
        _ absolute: String, of root: MachineRoot, _ body: (inout FieldScanner) -> Value
    ) -> Value? {
        let descriptor = open(root.path(absolute), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = Glibc.close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { room in
            let got = Glibc.read(descriptor, room.baseAddress, room.count)
            guard got > 0 else { return nil }
            var scanner = FieldScanner(UnsafeRawBufferPointer(rebasing: room[..<got]))
            return body(&scanner)
        }
    }

    private func content(of descriptor: Int32, path: String) throws(FileFault) -> UnsafeRawBufferPointer {
        var count = 0
        while true {
            if count == buffer.count { try grow(path) }
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let got = pread(descriptor, room.baseAddress, room.count, off_t(count))
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw FileFault(number: errno, path: path) }
            if got == 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
            count += got
        }
    }

    private func grow(_ path: String) throws(FileFault) {
        guard buffer.count < Self.maximumBytes else { throw FileFault(number: EFBIG, path: path) }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 4, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
        buffer.deallocate()
        buffer = larger
    }
}

/// A file that is read every tick: it stays open, so that a tick costs no path lookup.
final class HotFile {
    /// The machine's path, without the root's prefix.
    let path: String
    private let root: MachineRoot
    private var descriptor: Int32 = -1

    init(_ path: String, of root: MachineRoot) {
        self.path = path
        self.root = root
    }

    fileprivate func opened() throws(FileFault) -> Int32 {
        if descriptor < 0 {
            descriptor = open(root.path(path), O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileFault(number: errno, path: path) }
        }
        return descriptor
    }

    /// Gives the descriptor back; a later read opens the file anew.
    func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }
}
