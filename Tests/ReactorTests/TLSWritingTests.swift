import Glibc
import Testing

@testable import Reactor

/// What `send` and `writeNow` mean must not depend on what is below them.
struct TLSWritingTests {
    /// One side of a connection that says a seeded stream in seeded ways.
    private final class Talker {
        let channel: RecordingChannel
        private var random: SeededRandom
        private let total: Int
        /// Bytes that the channel has taken.
        private(set) var taken = 0
        private(set) var refusals = 0

        init(_ channel: RecordingChannel, seed: UInt64, total: Int) {
            self.channel = channel
            self.total = total
            random = SeededRandom(seed: seed)
            channel.onWritable = { [unowned self] _ in speak(3) }
        }

        var isDone: Bool { taken == total && channel.queuedByteCount == 0 }

        static func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: (place &* 2_654_435_761) >> 13) }

        /// Some acts, until one is refused.
        func speak(_ acts: Int) {
            for _ in 0..<acts where taken < total && !channel.isClosed {
                if !act() { return }
            }
        }

        private func act() -> Bool {
            let sizes: [Int] = [1, 100, 1500, 16_384, 16_385, 50_000, 200_000]
            let size = min(total - taken, Int(random.next() % UInt64(sizes[Int(random.next() % 7)])) + 1)
            let bytes = (taken..<taken + size).map(Self.byte)
            let outcome: WriteOutcome
            switch random.next() % 3 {
            case 0:
                if channel.queueRoom < size { return false }
                #expect(channel.send(bytes))
                taken += size
                return true
            case 1:
                outcome = bytes.withUnsafeBytes { channel.writeNow($0) }
            default:
                outcome = writeInRanges(bytes)
            }
            switch outcome {
            case .wrote(let count):
                taken += count
                // Less than was offered means full: the next write must say so.
                if count < size, case .wrote = [UInt8](arrayLiteral: 0).withUnsafeBytes({ channel.writeNow($0) }) {
                    Issue.record("a full channel took a byte")
                }
                return count == size
            case .blocked:
                refusals += 1
                return false
            case .failed(let error):
                Issue.record("\(error)")
                return false
            }
        }

        private func writeInRanges(_ bytes: [UInt8]) -> WriteOutcome {
            var bytes = bytes
            return bytes.withUnsafeMutableBytes { all in
                var vectors: [iovec] = []
                var place = 0
                while place < all.count {
                    let longest = vectors.count == 1000 ? all.count : Int(random.next() % 3000) + 1
                    let count = min(all.count - place, longest)
                    vectors.append(iovec(iov_base: all.baseAddress! + place, iov_len: count))
                    place += count
                }
                return vectors.withUnsafeBufferPointer { channel.writeNow(vectors: $0) }
            }
        }
    }

    @Test("a random mix arrives byte for byte, in both directions", arguments: [false, true], 0..<6)
    func aRandomMix(isSecure: Bool, seed: Int) throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try smallPair(harness, isSecure: isSecure)
        var random = SeededRandom(seed: UInt64(seed) &* 77 &+ 1)
        let total = 3 << 20
        let talkers = [
            Talker(server, seed: UInt64(seed) + 100, total: total),
            Talker(client, seed: UInt64(seed) + 200, total: total / 8),
        ]
        while client.bytes.count < total || server.bytes.count < total / 8 {
            for talker in talkers { talker.speak(Int(random.next() % 4)) }
            // A reader that stops for a while.
            if random.next() % 8 == 0 { client.pauseReading() } else { client.resumeReading() }
            let before = client.bytes.count + server.bytes.count
            harness.loop.runOnce(timeoutMilliseconds: 1)
            try #require(!server.isClosed && !client.isClosed, "\(server.causes) \(client.causes)")
            if before == client.bytes.count + server.bytes.count { client.resumeReading() }
        }
        #expect(client.bytes.indices.allSatisfy { client.bytes[$0] == Talker.byte($0) })
        #expect(server.bytes.indices.allSatisfy { server.bytes[$0] == Talker.byte($0) })
        #expect(talkers.allSatisfy { $0.isDone })
        #expect(talkers[0].refusals > 0, "the socket was never full")
    }

    @Test func aGreatWriteStopsAtAFullSocketAndGoesOnWhenItDrains() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try smallPair(harness, isSecure: true)
        try harness.turn { harness.loop.statistics.tlsHandshakes == 2 }
        client.pauseReading()
        let great = (0..<4 << 20).map(Talker.byte)
        var sent = 0
        guard case .wrote(let first) = great.withUnsafeBytes({ server.writeNow($0) }) else {
            Issue.record("nothing was taken")
            return
        }
        sent = first
        #expect(first > 0 && first < great.count && first % TLSSession.recordBytes == 0)
        // One record and its trimmings at most is kept.
        #expect(server.queuedByteCount > 0 && server.queuedByteCount <= TLSSession.recordBytes + 256)
        guard case .blocked = great.withUnsafeBytes({ server.writeNow($0) }) else {
            Issue.record("a full channel took more")
            return
        }
        server.onWritable = { channel in
            guard case .wrote(let count) = great[sent...].withUnsafeBytes({ channel.writeNow($0) }) else { return }
            sent += count
        }
        // A late acknowledgement may make some room even while the client reads nothing.
        harness.settle()
        #expect(sent < great.count)
        client.resumeReading()
        try harness.turn { client.bytes.count == great.count }
        #expect(client.bytes == great && server.queuedByteCount == 0)
        #expect(server.writableCalls > 0)
    }

    @Test func aHeldQueueSlipsInOnlyWhenItIsReleased() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        _ = [UInt8](arrayLiteral: 1).withUnsafeBytes { server.writeNow($0) }
        server.holdsQueue = true
        server.send([9])
        _ = [UInt8](arrayLiteral: 2).withUnsafeBytes { server.writeNow($0) }
        try harness.turn { client.bytes == [1, 2] }
        #expect(!server.flushNow())
        server.holdsQueue = false
        try harness.turn { client.bytes == [1, 2, 9] }
    }

    @Test func whatWaitsIsSentBeforeTheGoodbye() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try smallPair(harness, isSecure: true)
        try harness.turn { harness.loop.statistics.tlsHandshakes == 2 }
        client.pauseReading()
        let words = (0..<600_000).map(Talker.byte)
        #expect(server.send(words))
        server.closeAfterFlush()
        harness.settle()
        #expect(!server.isClosed && server.queuedByteCount > 0)
        client.resumeReading()
        try harness.turn { client.isClosed }
        #expect(client.bytes == words && client.causes == [.endOfStream])
        try harness.turn { server.isClosed }
    }

    @Test func smallRangesShareARecord() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        client.pauseReading()
        var piece = [UInt8](repeating: 7, count: 100)
        piece.withUnsafeMutableBytes { piece in
            let vectors = (0..<100).map { _ in iovec(iov_base: piece.baseAddress, iov_len: piece.count) }
            vectors.withUnsafeBufferPointer {
                guard case .wrote(10_000) = server.writeNow(vectors: $0) else {
                    Issue.record("not written")
                    return
                }
            }
        }
        try harness.turn { client.state.contains(.inputPending) }
        var wire = [UInt8](repeating: 0, count: 20_000)
        let count = recv(client.fileDescriptor, &wire, wire.count, Int32(MSG_PEEK))
        // A record a range would need 2,200 bytes more; a ticket may be among them.
        #expect(count > 10_000 && count < 11_000)
        client.resumeReading()
        try harness.turn { client.bytes == [UInt8](repeating: 7, count: 10_000) }
    }

    /// Two channels whose sockets send little at once. What TCP may receive stays as it is: a tiny window would make
    /// the kernel wait for its timers.
    private func smallPair(
        _ harness: LoopHarness, isSecure: Bool
    ) throws -> (server: RecordingChannel, client: RecordingChannel) {
        let shrink: (Int32) -> Void = { descriptor in
            var bytes: Int32 = 4096
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, 4)
        }
        if isSecure {
            return try harness.securePair(server: TestTLS.server(), client: TestTLS.client(), prepare: shrink)
        }
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        for end in ends { shrink(end) }
        let pair = (RecordingChannel(fileDescriptor: ends[0]), RecordingChannel(fileDescriptor: ends[1]))
        harness.loop.adopt(pair.0)
        harness.loop.adopt(pair.1)
        return pair
    }
}
