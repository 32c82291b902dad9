internal import Bytes
internal import Reactor

/// The connections of one kind in a run, opened a few at a time, and what they share.
final class Crowd {
    let loop: EventLoop
    /// Random words for masks and keys; the server cannot foresee them, and nobody needs them to be secret.
    var masks = MaskWords(seed: Clock.monotonicNanoseconds())
    /// Room for one outgoing frame.
    var scratch = ByteBuffer(capacity: 4096)
    /// The key of every handshake; `nil` draws another one each time.
    var fixedKey: String?
    private let address: SocketAddress
    private let wanted: Int
    private let tls: TLSContext?
    private var make: ((Int32, Int) -> Peer)?
    private var open: ((Peer) -> Void)?
    private var begun = 0
    private(set) var readyCount = 0
    /// All connections, in the order in which they were connected.
    private(set) var peers: [Peer] = []
    /// The first thing that went wrong.
    private(set) var failure: String?

    /// Connections that are being opened at any moment.
    private static let width = 64

    init(loop: EventLoop, plan: LoadPlan, count: Int) {
        self.loop = loop
        address = plan.target
        tls = plan.tls
        fixedKey = plan.fixedKey
        wanted = count
    }

    /// Whether all connections are ready, or will never be.
    var isSettled: Bool { readyCount == wanted || failure != nil }

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - make: makes the peer of that number on a connected descriptor.
    ///   - open: opens the peer's WebSocket, once the loop has adopted it.
    func begin(make: @escaping (Int32, Int) -> Peer, open: @escaping (Peer) -> Void) {
        self.make = make
        self.open = open
        for _ in 0..<min(Self.width, wanted) { connectNext() }
    }

    private func connectNext() {
        guard begun < wanted, failure == nil, let make, let open else { return }
        let number = begun
        begun += 1
        Connector.connect(to: address, on: loop, timeoutNanoseconds: 30_000_000_000) { [self] result in
            switch result {
            case .failure(let error): failed("cannot connect: \(error)")
            case .success(let descriptor):
                let peer = make(descriptor, number)
                if let tls { peer.secure(with: tls, serverName: "localhost", port: address.port ?? 0) }
                loop.adopt(peer)
                peers.append(peer)
                open(peer)
            }
        }
    }

    /// One more connection takes part.
    func isReady(_ peer: Peer) {
        readyCount += 1
        connectNext()
    }

    /// Something went wrong; the first reason is kept.
    func failed(_ reason: String) { failure = failure ?? reason }
}

/// A small generator of random words (xorshift64*).
struct MaskWords {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    @inline(__always)
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 2_685_821_657_736_338_717
    }
}
