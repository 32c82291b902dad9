internal import Bytes

/// `GET /api-docs`: what `/openapi.json` and `/asyncapi.json` say, for people.
enum APIPage {
    /// The page, put together once.
    static let document: ByteBuffer = Page.html(
        "API", introduction + requestTable + AsyncAPI.channels.map(section).joined(separator: "\n"))

    private static let introduction = """
        <p>Requests over HTTP, and messages over WebSocket in the dialect that a client speaks. Each message unfolds to
        an example. Programs read <a href="/openapi.json">openapi.json</a> and
        <a href="/asyncapi.json">asyncapi.json</a>, which have the schemas.</p>

        """

    // MARK: Requests

    /// A request as OpenAPI names it.
    struct Request: Equatable {
        /// In capitals.
        var method: String
        var path: String
        var summary: String
    }

    /// The requests that the document of ``OpenAPI`` describes, in its order.
    static let requests: [Request] = {
        do {
            return try OpenAPI.document.withBytes { (bytes) throws(JSONError) in try read(bytes) }
        } catch {
            preconditionFailure("our own document cannot be read: \(error)")
        }
    }()

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> [Request] {
        var requests: [Request] = []
        var reader = JSONReader(bytes)
        try reader.beginObject()
        while let member = try reader.nextKey() {
            guard member == "paths" else {
                try reader.skipValue()
                continue
            }
            try reader.beginObject()
            while let path = try reader.nextKey()?.string {
                try reader.beginObject()
                while let method = try reader.nextKey()?.string {
                    guard method != "parameters" else {
                        try reader.skipValue()
                        continue
                    }
                    requests.append(
                        Request(method: method.uppercased(), path: path, summary: try summary(&reader)))
                }
            }
        }
        try reader.finish()
        return requests
    }

    private static func summary(_ reader: inout JSONReader) throws(JSONError) -> String {
        var summary = ""
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if key == "summary" { summary = try reader.readString() } else { try reader.skipValue() }
        }
        return summary
    }

    private static let requestTable: String = {
        let rows = requests.map { request in
            "<tr><td class=\"m\">\(Page.escaped(request.method))</td><td><code>"
                + "\(Page.escaped(request.path))</code></td><td>\(Page.escaped(request.summary))</td></tr>"
        }
        return "<h2 id=\"rest\">Requests</h2>\n<table>\n" + rows.joined(separator: "\n") + "\n</table>\n"
    }()

    // MARK: Messages

    private static func section(_ channel: AsyncAPI.Channel) -> String {
        "<h2 id=\"\(channel.key)\">\(Page.escaped(channel.title)) "
            + "<code>\(Page.escaped(channel.address))</code></h2>\n<p>" + Page.marked(channel.description) + "</p>\n"
            + channel.operations.map { operation($0, of: channel) }.joined(separator: "\n")
    }

    private static func operation(_ operation: AsyncAPI.Operation, of channel: AsyncAPI.Channel) -> String {
        let who = operation.speaker == .client ? "client says" : "server says"
        return "<h3><span class=\"who\">\(who)</span>\(Page.escaped(operation.summary))</h3>\n"
            + operation.messages.map { message in
                "<details><summary><code>\(Page.escaped(message.name))</code> "
                    + "<span class=\"s\">\(Page.escaped(message.summary))</span></summary>"
                    + "<pre>\(Page.escaped(message.example))</pre></details>"
            }.joined(separator: "\n")
    }
}
