import CLinux
import Glibc
import Reactor
import Testing

@testable import Dial

/// Against servers that share no code with ours: Python's standard library.
struct PythonPeerTests {
    static let hasPython = access("/usr/bin/python3", X_OK) == 0

    @Test(.enabled(if: hasPython)) func fetchesFromPythonsServer() throws {
        let program = """
            import http.server, sys
            class H(http.server.BaseHTTPRequestHandler):
                protocol_version = 'HTTP/1.1'
                def do_POST(self):
                    body = self.rfile.read(int(self.headers['Content-Length']))
                    self.send_response(200); self.send_header('Transfer-Encoding', 'chunked'); self.end_headers()
                    for piece in (body[:3], body[3:]): self.wfile.write(b'%x\\r\\n%s\\r\\n' % (len(piece), piece))
                    self.wfile.write(b'0\\r\\n\\r\\n')
                def log_message(self, *a): pass
            s = http.server.HTTPServer(('127.0.0.1', 0), H); print(s.server_port, flush=True); s.serve_forever()
            """
        let python = try PythonPeer(program)
        defer { python.stop() }
        let url = try ServiceURL(parsing: "http://localhost:\(python.port)/echo")
        var request = HTTPRequest(method: "POST", url: url, body: Array("hello python".utf8))
        request.timeoutMilliseconds = 60_000
        let response = try HTTPClient.blockingRequest(request)
        #expect(response.status == 200 && response.text == "hello python")
    }

    @Test(.enabled(if: hasPython)) func talksToAWebSocketServerInPython() throws {
        let program = """
            import base64, hashlib, socketserver
            class H(socketserver.StreamRequestHandler):
                def handle(self):
                    key = None
                    while (line := self.rfile.readline().strip()):
                        name, _, value = line.partition(b':')
                        if name.lower() == b'sec-websocket-key': key = value.strip()
                    accept = base64.b64encode(hashlib.sha1(key + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest())
                    self.wfile.write(b'HTTP/1.1 101 Hi\\r\\nupgrade: WebSocket\\r\\nconnection: upgrade\\r\\n'
                                     b'sec-websocket-accept: ' + accept + b'\\r\\n\\r\\n')
                    while True:
                        first, second = self.rfile.read(2)
                        size = second & 127
                        if size == 126: size = int.from_bytes(self.rfile.read(2), 'big')
                        if size == 127: size = int.from_bytes(self.rfile.read(8), 'big')
                        assert second & 128
                        mask = self.rfile.read(4)
                        data = bytes(b ^ mask[i & 3] for i, b in enumerate(self.rfile.read(size)))
                        head = bytes([first]) + (bytes([size]) if size < 126 else b'\\x7e' + size.to_bytes(2, 'big')
                            if size < 65536 else b'\\x7f' + size.to_bytes(8, 'big'))
                        self.wfile.write(head + data)
                        if first & 15 == 8: return
            socketserver.TCPServer.allow_reuse_address = True
            s = socketserver.ThreadingTCPServer(('127.0.0.1', 0), H); s.daemon_threads = True
            print(s.server_address[1], flush=True); s.serve_forever()
            """
        let python = try PythonPeer(program)
        defer { python.stop() }
        let loop = try EventLoop()
        let dialer = WebSocketDialer(on: loop)
        defer {
            dialer.close()
            loop.close()
        }
        let delegate = RecordingDelegate()
        let sent = ["short", String(repeating: "m", count: 1000), String(repeating: "long ", count: 20_000)]
        delegate.onOpen = { client in for text in sent { client.send(text: text) } }
        delegate.onText = { client, _ in if delegate.texts.count == sent.count { client.finish(code: 4000) } }
        let url = try ServiceURL(parsing: "ws://127.0.0.1:\(python.port)/")
        var request = WebSocketRequest(url: url)
        request.openTimeoutMilliseconds = 60_000
        request.closeTimeoutMilliseconds = 60_000
        dialer.dial(request, delegate: delegate)
        let limit = Clock.monotonicNanoseconds() + 60_000_000_000
        while delegate.endings.isEmpty && delegate.dialErrors.isEmpty && Clock.monotonicNanoseconds() < limit {
            loop.runOnce(timeoutMilliseconds: 100)
        }
        #expect(delegate.texts == sent)
        #expect(delegate.endings == [.closed(code: 4000, reason: "")])
    }
}

/// A Python program that prints its port on its first line.
private struct PythonPeer {
    let port: UInt16
    private let process: pid_t

    init(_ program: String) throws {
        var ends: [Int32] = [0, 0]
        try #require(clinux_pipe(&ends) == 0)
        var process: pid_t = 0
        let arguments = ["python3", "-c", program]
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        // With no further descriptor of ours: it would hold other tests' sockets open.
        let result = clinux_spawn(&process, "/usr/bin/python3", &pointers, [nil], [-1, ends[1], 2], 3)
        close(ends[1])
        try #require(result == 0)
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(ends[0], &byte, 1) == 1, byte != 10 { line.append(byte) }
        close(ends[0])
        self.process = process
        port = try #require(UInt16(String(decoding: line, as: UTF8.self)))
    }

    func stop() {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }
}
