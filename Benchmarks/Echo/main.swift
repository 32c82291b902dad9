internal import Access
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

    Answers each WebSocket message with itself. With --broadcast, what a connection on /pub
    sends goes to every connection on /sub. With --tls it speaks TLS with a certificate for
    localhost, which it keeps in the folder.

    """

var listen = "127.0.0.1:9001"
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
    Signals.block([SIGTERM, SIGINT])
    let tls = try tlsFolder.map { folder in
        let made = try SelfSignedCertificate.loadOrCreate(directory: folder)
        return try TLSContext(
            server: TLSIdentity(certificateFile: made.certificateFile, keyFile: made.keyFile))
    }
    let server = try EchoServer(broadcasts: broadcasts, messageBytes: messageBytes, tls: tls)
    // A loop is closed before it is let go, also where the address is taken.
    defer { server.loop.close() }
    let bound = try server.listen(on: address)
    let signals = try Signals([SIGTERM, SIGINT], on: server.loop) { _ in server.loop.stop() }
    complain("listening on \(bound)")
    try server.loop.run()
    server.closeListener()
    signals.close()
} catch {
    complain("\(error)")
    exit(1)
}
