import Glibc
import Grid

@testable import Store

/// A directory of one test's own, gone with it.
final class ScratchDirectory: Sendable {
    let path: String

    init() {
        var template = [UInt8]("/tmp/store-tests-XXXXXX".utf8).map { CChar(bitPattern: $0) } + [0]
        precondition(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove(path) }

    private func remove(_ path: String) {
        for name in ScratchDirectory.names(in: path) {
            if unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
        }
        rmdir(path)
    }

    /// The names of what is in it, sorted.
    var names: [String] { Self.names(in: path) }

    private static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func mode(of name: String) -> UInt32 {
        var status = stat()
        precondition(stat(path + "/" + name, &status) == 0, "\(name) is not there")
        return status.st_mode & 0o7777
    }

    func read(_ name: String) -> [UInt8] {
        let descriptor = open(path + "/" + name, O_RDONLY)
        precondition(descriptor >= 0, "\(name) is not there")
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            precondition(count >= 0)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    func write(_ name: String, _ bytes: [UInt8]) {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        precondition(descriptor >= 0)
        precondition(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

    /// The directory, locked.
    func lockedDirectory() throws(StoreError) -> DataDirectory {
        let directory = try DataDirectory(path: path)
        try directory.lock()
        return directory
    }

    /// The archive in it, with an identity that tells openings apart.
    func archive(auditEntries: Int = 1000) throws(StoreError) -> Archive {
        try Archive(in: lockedDirectory(), now: Sample.time(0), auditEntries: auditEntries) { Sample.identity }
    }
}

/// Records to store.
enum Sample {
    static let identity = UUID128(high: 0x1111_2222_3333_4444, low: 0x5555_6666_7777_8888)

    static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_700_000_000_123 + seconds * 1000) }

    static func nodeID(_ number: Int) -> NodeID {
        NodeID(UUID128(randomHigh: UInt64(number) << 16, randomLow: UInt64(number)))
    }

    static func digest(_ number: Int) -> Digest256 {
        Digest256(bytes: (0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) })
    }

    /// A node as enrolled, before its agent came.
    static func enrolledNode(_ number: Int) -> NodeRecord {
        NodeRecord(
            id: nodeID(number), name: "node \(number)", owner: UserID("owner-\(number % 3)"),
            location: NodeLocation(region: "eu-west", city: "Zürich", country: "CH"), enrolledAt: time(1))
    }

    /// A node with everything that can be known of one.
    static func completeNode(_ number: Int, gpus: Int = 8) -> NodeRecord {
        var node = enrolledNode(number)
        node.pricePerHourMicros = 400_000
        node.publicKey = digest(number).bytes
        node.registeredAt = time(2)
        node.sessionEpoch = UInt64.max - UInt64(number)
        var specifications = NodeSpecifications()
        specifications.gpus = (0..<gpus).map { index in
            var gpu = GPUDescription(
                index: index, uuid: "GPU-\(number)-\(index)", name: "NVIDIA H100 80GB HBM3",
                pciBusID: "00000000:0\(index):00.0")
            gpu.memoryTotalBytes = UInt64(80) << 30
            gpu.powerLimitMilliwatts = 700_000
            gpu.slowdownCelsius = index == 0 ? nil : 90
            return gpu
        }
        specifications.cpuModel = "EPYC \"Genoa\" 9654 'test'"
        specifications.cpuCores = 192
        specifications.memoryTotalBytes = UInt64(1) << 40
        specifications.storageBytes = 2_000_000_000_000
        specifications.networkMegabitsPerSecond = 100_000
        specifications.hostname = "gpu-host-\(number)"
        specifications.kernel = "6.1.0"
        specifications.operatingSystem = "Debian 12"
        specifications.driverVersion = "550.54"
        specifications.agentVersion = "0.1.0"
        node.specifications = specifications
        return node
    }

    /// A notification as the log of `general` has it.
    static func event(_ offset: UInt64, epoch: UInt64) -> LoggedEvent {
        let notification = SystemNotification(
            id: UUID128(high: 9, low: offset),
            content: NotificationContent(title: "title", message: "message \(offset)", affectedServices: ["routing"]),
            sender: UserID("root"), requestKey: offset % 2 == 0 ? "key \(offset)" : nil, sentAt: time(Int64(offset)))
        var facts = EventFacts()
        if offset % 3 == 0 {
            facts.owner = UserID("ana")
            facts.node = nodeID(Int(offset))
            facts.region = "eu-west"
        }
        return LoggedEvent(
            position: LogPosition(epoch: epoch, offset: offset), at: time(Int64(offset)), facts: facts,
            event: .systemNotification(notification))
    }

    /// Every third has a term.
    static func apiKey(_ number: Int, used: Int64? = nil, revoked: Bool = false) -> APIKeyRecord {
        var key = APIKeyRecord(
            id: APIKeyID(UUID128(randomHigh: UInt64(number) << 16, randomLow: ~UInt64(number))), digest: digest(number),
            owner: UserID("owner-\(number % 3)"), name: number % 2 == 0 ? "" : "näme 'quoted' \(number)",
            ratePerMinute: number * 100, createdAt: time(Int64(number)))
        key.lastUsedAt = used.map { time($0) }
        key.revokedAt = revoked ? time(100 + Int64(number)) : nil
        key.expiresAt = number % 3 == 0 ? time(200 + Int64(number)) : nil
        return key
    }

    static func enrolment(_ number: Int, node: Int, usedAt: Timestamp? = nil) -> EnrolmentRecord {
        var enrolment = EnrolmentRecord(tokenDigest: digest(number), node: nodeID(node), expiresAt: time(900))
        enrolment.usedAt = usedAt
        return enrolment
    }
}

/// Shuts out whoever waits until it is opened.
final class Gate: @unchecked Sendable {
    private var lock = pthread_mutex_t()
    private var condition = pthread_cond_t()
    private var isOpen = false

    init() {
        pthread_mutex_init(&lock, nil)
        pthread_cond_init(&condition, nil)
    }

    func open() {
        pthread_mutex_lock(&lock)
        isOpen = true
        pthread_cond_broadcast(&condition)
        pthread_mutex_unlock(&lock)
    }

    func wait() {
        pthread_mutex_lock(&lock)
        while !isOpen { pthread_cond_wait(&condition, &lock) }
        pthread_mutex_unlock(&lock)
    }
}
