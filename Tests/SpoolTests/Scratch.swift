import Foundation
import Glibc

@testable import Spool

/// A folder of its own for one test.
struct Scratch {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("spool-\(UUID().uuidString)").path
        mkdir(path, 0o700)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    func bytes(_ name: String) -> [UInt8] { [UInt8](FileManager.default.contents(atPath: path + "/" + name) ?? Data()) }

    func write(_ bytes: [UInt8], to name: String) {
        _ = FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes))
    }
}

/// A generator that a seed repeats.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// A disk that takes so many bytes more, and then fails in the way it is told.
final class FailingDisk: @unchecked Sendable {
    var bytesLeft = Int.max
    var failure = ENOSPC
    /// The longest write that is taken whole.
    var longestWrite = Int.max
    var syncFailure: Int32 = 0
    var truncateFailure: Int32 = 0

    var disk: SpoolDisk {
        let real = SpoolDisk.real
        return SpoolDisk(
            write: { [self] descriptor, bytes, offset in
                let count = min(bytes.count, bytesLeft, longestWrite)
                if count == 0 { return -Int(failure) }
                bytesLeft -= count
                return real.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<count]), offset)
            },
            sync: { [self] descriptor in syncFailure != 0 ? syncFailure : real.sync(descriptor) },
            truncate: { [self] descriptor, count in
                truncateFailure != 0 ? truncateFailure : real.truncate(descriptor, count)
            })
    }
}
