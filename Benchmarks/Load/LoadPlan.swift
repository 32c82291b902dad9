internal import Reactor
internal import Service

/// What all runs have in common: whom to load, how hard, how long.
struct LoadPlan {
    /// The pace of the messages.
    enum Pace {
        /// So many messages on their way at most; the next follows when the slowest receiver has one.
        case window(Int)
        /// So many messages a second by the clock, whatever the server does.
        case rate(Double)
    }

    var name: String
    var target: SocketAddress
    var pace: Pace
    var warmUpNanoseconds: UInt64
    var measureNanoseconds: UInt64
    /// Polls without ever sleeping, so that no server pays for waking the generator.
    var spins: Bool
    var server: ServerProcess?
    var allocations: AllocationCounter?
    /// The key of all handshakes, where the server can answer one only.
    var fixedKey: String?
    /// nil: plain TCP. Each connection shakes hands anew: nobody comes back with a ticket.
    var tls: TLSContext?

    /// How long a run may wait for its connections, and for what is still on its way at its end.
    static let patienceNanoseconds: UInt64 = 60_000_000_000

    static let flags = [
        Flag("name", .text(), placeholder: "N", meaning: "what the report calls the server", defaultText: "server"),
        Flag("target", .text(), placeholder: "ADDRESS:PORT", meaning: "the server", isRequired: true),
        Flag(
            "pid", .integer(1...Int64(Int32.max)), placeholder: "PID", meaning: "the server's process, to be measured"),
        Flag(
            "window", .integer(1...4096), placeholder: "W",
            meaning: "messages on their way at most, the next when the slowest receiver has one"),
        Flag(
            "rate", .number(0.001...10_000_000), placeholder: "R",
            meaning: "messages a second by the clock, of each sender"),
        Flag(
            "warm-up", .duration(0...600_000_000_000), placeholder: "TIME", meaning: "not measured",
            defaultText: "300ms"
        ),
        Flag(
            "measure", .duration(1_000_000...3_600_000_000_000), placeholder: "TIME", meaning: "measured",
            defaultText: "1s"),
        Flag(
            "ca-file", .text(), placeholder: "FILE",
            meaning: "speak TLS with a server that this PEM file vouches for as localhost"),
        Flag("spin", .bool, meaning: "poll without sleeping"),
        Flag("sample-key", .bool, meaning: "open with the key of RFC 6455's example, the only one some servers know"),
        Flag(
            "allocations", .text(), placeholder: "FILE",
            meaning: "counters of the server's allocations, as Benchmarks/allocations.c keeps them"),
    ]

    /// - Throws: a sentence about the flag at fault.
    init(_ arguments: Arguments) throws {
        guard let target = SocketAddress.parse(arguments.text("target") ?? "") else {
            throw RunFailure("--target is no ADDRESS:PORT")
        }
        name = arguments.text("name") ?? "server"
        self.target = target
        switch (arguments.integer("window"), arguments.number("rate")) {
        case (let window?, nil): pace = .window(Int(window))
        case (nil, let rate?): pace = .rate(rate)
        case (nil, nil): pace = .window(1)
        default: throw RunFailure("--window and --rate exclude each other")
        }
        warmUpNanoseconds = arguments.nanoseconds("warm-up") ?? 300_000_000
        measureNanoseconds = arguments.nanoseconds("measure") ?? 1_000_000_000
        spins = arguments.isSet("spin")
        tls = try arguments.text("ca-file").map { try TLSContext(client: .file($0)) }
        server = arguments.integer("pid").map { ServerProcess(pid: Int($0)) }
        fixedKey = arguments.isSet("sample-key") ? "dGhlIHNhbXBsZSBub25jZQ==" : nil
        allocations = try arguments.text("allocations").map { try AllocationCounter(path: $0) }
    }
}

/// Why a run is worth nothing, in a sentence.
struct RunFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
