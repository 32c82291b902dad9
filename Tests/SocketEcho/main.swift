internal import Glibc
internal import Reactor

// For the public protocol suites alone: Tests/Clients/python/check_engineio_suite.py and check_socketio_suite.py.
// usage: socket-echo engineio|socketio [ADDRESS:PORT]

let words = Array(CommandLine.arguments.dropFirst())
guard let suite = words.first.flatMap(EchoServer.Suite.init),
    let address = SocketAddress.parse(words.count > 1 ? words[1] : "127.0.0.1:0")
else {
    print("usage: socket-echo engineio|socketio [ADDRESS:PORT]")
    exit(64)
}
let server = try EchoServer(suite)
let bound = try server.listen(on: address)
print("listening on \(bound)")
fflush(nil)
try server.loop.run()
