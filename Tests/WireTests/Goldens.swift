import Bytes
import Foundation
import Grid

@testable import Wire

/// The golden messages under `Tests/Fixtures/wire`: one JSON text a file, exactly as the encoders write it.
enum Goldens {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let folder = root.appendingPathComponent("Tests/Fixtures/wire")

    /// The message in `native/ping.json` by its name `native/ping`.
    static func text(_ name: String) throws -> String {
        let text = try String(contentsOf: folder.appendingPathComponent(name + ".json"), encoding: .utf8)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// The names of all golden files.
    static func names() throws -> Set<String> {
        var names: Set<String> = []
        for part in ["agent", "eyenet", "native", "neurograph", "qubix", "rest", "triggerx"] {
            for file in try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(part).path) {
                names.insert("\(part)/\(file.dropLast(".json".count))")
            }
        }
        return names
    }
}

extension String {
    /// Calls `body` with the text's bytes.
    func withRaw<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Array(utf8).withExactBytes(body)
    }
}

extension [UInt8] {
    /// Calls `body` with the bytes in a block of just their size, so that a sanitizer sees a read beyond the end.
    func withExactBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { block.deallocate() }
        block.copyBytes(from: self)
        return try body(UnsafeRawBufferPointer(block))
    }
}

/// What `write` appends, as text.
func written(_ write: (inout ByteBuffer) -> Void) -> String {
    var buffer = ByteBuffer()
    write(&buffer)
    return buffer.text
}

/// The JSON text that `write` writes.
func json(_ write: (inout JSONWriter) -> Void) -> String {
    written { $0.appendJSON(write) }
}
