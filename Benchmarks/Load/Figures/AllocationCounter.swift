internal import Glibc

/// The counters of a server's allocations, which a library preloaded into it keeps in a shared file
/// (`Benchmarks/allocations.c`).
final class AllocationCounter {
    /// What the server took from the heap and gave back so far, in calls.
    struct Counts {
        var taken: UInt64
        var freed: UInt64
    }

    private let words: UnsafeMutablePointer<UInt64>

    /// - Throws: where the file is not there: the server runs without the library.
    init(path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw RunFailure("cannot open \(path)") }
        defer { _ = close(file) }
        let mapped = mmap(nil, 16, PROT_READ, MAP_SHARED, file, 0)
        guard let mapped, mapped != MAP_FAILED else { throw RunFailure("cannot map \(path)") }
        words = mapped.assumingMemoryBound(to: UInt64.self)
    }

    deinit { _ = munmap(words, 16) }

    /// The counters now; the server writes them while we read.
    var counts: Counts { Counts(taken: words[0], freed: words[1]) }
}
