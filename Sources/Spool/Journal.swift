internal import Bytes
internal import Glibc

/// How much a journal may hold.
public struct JournalLimits: Hashable, Sendable {
    /// Keys and values together that are kept at one time, in bytes.
    public var liveBytes: Int
    /// One key and its value, in bytes.
    public var recordBytes: Int
    /// What a segment may hold of things settled before it is rewritten without them, in bytes.
    public var slackBytes: Int

    public init(liveBytes: Int, recordBytes: Int, slackBytes: Int) {
        self.liveBytes = liveBytes
        self.recordBytes = recordBytes
        self.slackBytes = slackBytes
    }
}

/// Values that must survive until they are settled, each under its key, in one append-only file of checksummed records.
///
/// What ``keep(_:under:)`` returned from is on disk. What was settled may come back after a crash: settling is not
/// waited for, and whoever sends a value sends it until he is told that it arrived. Everything kept is in memory, too.
/// Where the file exceeds its live part twice, and a slack, it is written anew under the next number.
final class Journal {
    private struct Entry {
        var order: UInt64
        var value: [UInt8]
    }

    /// What was found wrong when it was opened.
    private(set) var damage: [SpoolDamage] = []
    private var entries: [[UInt8]: Entry] = [:]
    private var nextOrder: UInt64 = 0
    private var liveBytes = 0
    private var segment: SegmentFile
    /// After a rewriting that failed, the next one is not tried before the segment has grown to this.
    private var retryAtBytes = 0
    private let directory: String
    private let name: String
    private let limits: JournalLimits
    private let disk: SpoolDisk

    /// Opens the journal of that name in an existing folder, or makes it.
    ///
    /// Of a file that is damaged everything before the damage is kept, the rest is given up and told in ``damage``;
    /// the file itself stays beside the new one, with the ending `.damaged`, unless only its last record was torn.
    init(directory: String, name: String, limits: JournalLimits, disk: SpoolDisk = .real) throws(SpoolError) {
        self.directory = directory
        self.name = name
        self.limits = limits
        self.disk = disk
        let numbers = try Self.numbers(in: directory, name)
        var found: (number: UInt64, reading: SegmentReading)?
        for number in numbers.reversed() {
            let path = Self.path(directory, name, number)
            let reading = try SegmentReading(path: path, number: number, limits: limits)
            if let fault = reading.damage { damage.append(fault) }
            if reading.isOurs {
                found = (number, reading)
                break
            }
        }
        let next = (numbers.last ?? 0) + 1
        if let found, found.reading.damage == nil, found.number == numbers.last {
            segment = try .open(
                Self.path(directory, name, found.number), number: found.number, byteCount: found.reading.wholeBytes,
                disk: disk)
        } else {
            let records = found?.reading.live ?? []
            segment = try .create(Self.path(directory, name, next), number: next, records: records, disk: disk)
        }
        for case .keep(let key, let value) in found?.reading.live ?? [] { insert(key, value) }
        discardOlder(numbers)
    }

    /// The keys in the order in which they were kept first.
    var keys: [[UInt8]] { entries.sorted { $0.value.order < $1.value.order }.map(\.key) }
    var count: Int { entries.count }
    /// The size of the file.
    var fileBytes: Int { segment.byteCount }

    subscript(key: [UInt8]) -> [UInt8]? { entries[key]?.value }

    /// Keeps a value, in the place of an earlier one under its key; on disk before this returns.
    ///
    /// - Throws: nothing is kept then, and the earlier value stays.
    func keep(_ value: [UInt8], under key: [UInt8]) throws(SpoolError) {
        let size = key.count + value.count
        let replaced = entries[key].map { key.count + $0.value.count } ?? 0
        guard size <= limits.recordBytes, liveBytes - replaced + size <= limits.liveBytes else {
            throw SpoolError(
                kind: .full, number: 0, message: "\(segment.path): no room for \(size) bytes beside \(liveBytes)")
        }
        if segment.isSpoilt { try rewrite() }
        try segment.append(SegmentRecord.keep(key: key, value: value).encoded, sync: true)
        insert(key, value)
        rewriteIfLong()
    }

    /// Forgets a value. Where its disk fails, it comes back at the next start.
    ///
    /// - Throws: it is forgotten all the same.
    func settle(_ key: [UInt8]) throws(SpoolError) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        liveBytes -= key.count + entry.value.count
        if segment.isSpoilt { return try rewrite() }
        try segment.append(SegmentRecord.settle(key: key).encoded, sync: false)
        rewriteIfLong()
    }

    /// Gives the file back; nothing may be called afterwards.
    func close() { segment.close() }

    private func insert(_ key: [UInt8], _ value: [UInt8]) {
        if let earlier = entries[key] {
            liveBytes -= key.count + earlier.value.count
            entries[key]?.value = value
        } else {
            entries[key] = Entry(order: nextOrder, value: value)
            nextOrder += 1
        }
        liveBytes += key.count + value.count
    }

    private var records: [SegmentRecord] {
        keys.map { .keep(key: $0, value: entries[$0]?.value ?? []) }
    }

    // MARK: Segments

    private func rewriteIfLong() {
        guard segment.byteCount >= max(2 * liveBytes + limits.slackBytes, retryAtBytes) else { return }
        do throws(SpoolError) {
            try rewrite()
        } catch {
            // The present segment has everything: it may grow by another slack before the next try.
            retryAtBytes = segment.byteCount + limits.slackBytes
        }
    }

    private func rewrite() throws(SpoolError) {
        let number = segment.number + 1
        let fresh = try SegmentFile.create(
            Self.path(directory, name, number), number: number, records: records, disk: disk)
        segment.close()
        unlink(segment.path)
        segment = fresh
        retryAtBytes = 0
    }

    /// Removes what the present segment has made useless; damaged ones are kept for whoever wants to look.
    private func discardOlder(_ numbers: [UInt64]) {
        for number in numbers where number != segment.number {
            let path = Self.path(directory, name, number)
            if damage.contains(where: { $0.path == path && $0.kind != .tornTail }) {
                _ = Glibc.rename(path, "\(directory)/\(name).damaged")
            } else {
                unlink(path)
            }
        }
    }

    private static func path(_ directory: String, _ name: String, _ number: UInt64) -> String {
        "\(directory)/\(name).\(number)"
    }

    /// The numbers of the segments there, ascending. What a crash left half made is removed.
    private static func numbers(in directory: String, _ name: String) throws(SpoolError) -> [UInt64] {
        guard let folder = opendir(directory) else { throw .system("opendir", directory, errno) }
        defer { closedir(folder) }
        var numbers: [UInt64] = []
        while let entry = readdir(folder) {
            let file = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard file.hasPrefix(name + ".") else { continue }
            let ending = file.dropFirst(name.count + 1)
            if ending.hasSuffix(".new") {
                unlink("\(directory)/\(file)")
            } else if let number = UInt64(ending), String(number) == ending {
                numbers.append(number)
            }
        }
        return numbers.sorted()
    }
}
