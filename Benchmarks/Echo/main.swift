internal import Access
internal import Dial
internal import Glibc
internal import Grid
internal import Reactor

/// One line to standard error.
func complain(_ text: String) {
    let line = Array("neurogrid-echo: \(text)\n".utf8)
    _ = write(2, line, line.count)
}

let usage = """
    usage: neurogrid-echo [--listen ADDRESS:PORT] [--broadcast] [--message-bytes N] [--tls FOLDER]
           neurogrid-echo --dial ws://HOST:PORT [--message-bytes N]

    Answers each WebSocket message with itself. With --broadcast, what a connection on /pub
    sends goes to every connection on /sub. With --tls it speaks TLS with a certificate for
    localhost, which it keeps in the folder. With --dial, plays all cases of a conformance
    suite's server as its client, and ends.

    """

/// Serves until a signal says otherwise.
func serve(on address: SocketAddress, broadcasts: Bool, messageBytes: Int, tls: TLSContext?) throws {
    Signals.block([SIGTERM, SIGINT])
    let server = try EchoServer(broadcasts: broadcasts, messageBytes: messageBytes, tls: tls)
    // A loop is closed before it is let go, also where the address is taken.
    defer { server.loop.close() }
    let bound = try server.listen(on: address)
    let signals = try Signals([SIGTERM, SIGINT], on: server.loop) { _ in server.loop.stop() }
    complain("listening on \(bound)")
    try server.loop.run()
    server.closeListener()
    signals.close()
}

/// Plays a suite's cases. - Returns: the exit status.
func play(against server: ServiceURL, messageBytes: Int) throws -> CInt {
    let loop = try EventLoop()
    defer { loop.close() }
    let client = EchoClient(server: server, messageBytes: messageBytes, on: loop)
    client.start()
    try loop.run()
    guard let failure = client.failure else { return 0 }
    complain(failure)
    return 1
}

var listen = "127.0.0.1:9001"
var server: ServiceURL?
var broadcasts = false
var tlsFolder: String?
var messageBytes = 64 << 20

var words = CommandLine.arguments.dropFirst()
while let word = words.popFirst() {
    switch word {
    case "--listen":
        guard let value = words.popFirst() else {
            complain("--listen needs an address")
            exit(64)
        }
        listen = value
    case "--dial":
        guard let value = words.popFirst().flatMap({ try? ServiceURL(parsing: $0) }) else {
            complain("--dial needs a URL: ws://HOST:PORT")
            exit(64)
        }
        server = value
    case "--message-bytes":
        guard let value = words.popFirst().flatMap({ Int($0) }), value > 0 else {
            complain("--message-bytes needs a positive number")
            exit(64)
        }
        messageBytes = value
    case "--tls":
        guard let value = words.popFirst() else {
            complain("--tls needs a folder")
            exit(64)
        }
        tlsFolder = value
    case "--broadcast":
        broadcasts = true
    case "--help":
        print(usage, terminator: "")
        exit(0)
    default:
        complain("unknown argument \(word)")
        exit(64)
    }
}
guard let address = SocketAddress.parse(listen) else {
    complain("--listen: \(listen) is no ADDRESS:PORT")
    exit(64)
}

do {
    if let server { exit(try play(against: server, messageBytes: messageBytes)) }
    let tls = try tlsFolder.map { folder in
        let made = try SelfSignedCertificate.loadOrCreate(directory: folder)
        return try TLSContext(server: TLSIdentity(certificateFile: made.certificateFile, keyFile: made.keyFile))
    }
    try serve(on: address, broadcasts: broadcasts, messageBytes: messageBytes, tls: tls)
} catch {
    complain("\(error)")
    exit(1)
}
