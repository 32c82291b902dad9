import Foundation
import Glibc

/// One of the built programs, run by a test.
final class RunningProgram {
    private let process = Process()
    private let log: URL
    private let ended: AsyncStream<Void>

    /// The folder of the programs: where this very test was built.
    private static var folder: String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return ProcessInfo.processInfo.environment["NEUROGRID_BIN"] ?? root.appendingPathComponent(".build/debug").path
    }

    init(_ name: String, _ arguments: [String]) throws {
        log = FileManager.default.temporaryDirectory.appendingPathComponent("program-\(UUID().uuidString).log")
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        defer { try? handle.close() }
        process.executableURL = URL(fileURLWithPath: Self.folder + "/" + name)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NEUROGRID_") }
        // A crash is told by the status; its backtrace would only take long.
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        ended = stream
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: log)
    }

    var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Its exit status; the negative number of the signal that ended it.
    func status() async -> Int32 {
        for await _ in ended {}
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// Waits until the output holds what a coordinator says when it is ready. - Returns: its port, `nil` if it ended.
    func port() async throws -> UInt16? {
        while process.isRunning {
            if let range = output.range(of: "listening on 127.0.0.1:") {
                return UInt16(output[range.upperBound...].prefix { $0.isNumber })
            }
            try await Task.sleep(nanoseconds: 10_000_000)
        }
        return nil
    }
}

/// A folder of one test's own, gone with it.
final class ScratchFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("ng-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A TCP connection without any protocol: says bytes, hears bytes.
final class RawClient {
    let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
    }

    deinit { _ = close(descriptor) }

    func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// One text message as a client frames it, under a mask of zeros.
    func sayMessage(_ text: String) {
        let payload = Array(text.utf8)
        var frame: [UInt8] = [0x81]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        }
        frame += [0, 0, 0, 0] + payload
        _ = send(descriptor, frame, frame.count, Int32(MSG_NOSIGNAL))
    }

    /// A ping of the WebSocket protocol itself.
    func sayPing() { _ = send(descriptor, [0x89, 0x80, 0, 0, 0, 0] as [UInt8], 6, Int32(MSG_NOSIGNAL)) }

    /// All that ``hearAll()`` has heard.
    private(set) var heard = ""

    /// All that has come since this was first called.
    func hearAll() -> String {
        heard += hearNow()
        return heard
    }

    /// What has come and was not heard yet; empty where nothing has.
    func hearNow() -> String {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        return String(decoding: chunk.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Everything that comes until `enough`, the end, or thirty silent seconds.
    func hear(until enough: (String) -> Bool) -> String {
        var heard: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while !enough(String(decoding: heard, as: UTF8.self)) {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            heard += chunk[..<count]
        }
        return String(decoding: heard, as: UTF8.self)
    }
}
