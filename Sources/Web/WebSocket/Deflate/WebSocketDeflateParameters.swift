/// The parameters of one `permessage-deflate` element of `Sec-WebSocket-Extensions` (RFC 7692 §7.1).
struct WebSocketDeflateParameters: Equatable {
    /// The client's own window: named without a size, or with one.
    enum ClientWindow: Equatable {
        case unsized
        case bits(Int)
    }

    static let name = "permessage-deflate"

    var serverNoContextTakeover = false
    var clientNoContextTakeover = false
    /// The base-2 logarithm of the window that the server may use, 8 to 15.
    var serverMaxWindowBits: Int?
    var clientMaxWindowBits: ClientWindow?

    init() {}

    /// Reads one element of the list; `nil` where it is another extension, or breaks a rule: an unknown or repeated
    /// parameter, a value where none belongs, a window that is not 8 to 15 in its shortest form.
    init?(_ element: String) {
        let parts = element.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        guard let first = parts.first, HTTPCharacters.equalIgnoringCase(first.utf8, Self.name.utf8) else { return nil }
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
            guard take(sides[0].lowercased(), sides.count == 2 ? sides[1] : nil) else { return nil }
        }
    }

    /// Takes one parameter. - Returns: whether it is in order.
    private mutating func take(_ name: String, _ value: Substring?) -> Bool {
        switch name {
        case "server_no_context_takeover":
            guard value == nil, !serverNoContextTakeover else { return false }
            serverNoContextTakeover = true
        case "client_no_context_takeover":
            guard value == nil, !clientNoContextTakeover else { return false }
            clientNoContextTakeover = true
        case "server_max_window_bits":
            guard serverMaxWindowBits == nil, let value, let bits = Self.windowBits(value) else { return false }
            serverMaxWindowBits = bits
        case "client_max_window_bits":
            guard clientMaxWindowBits == nil else { return false }
            if let value {
                guard let bits = Self.windowBits(value) else { return false }
                clientMaxWindowBits = .bits(bits)
            } else {
                clientMaxWindowBits = .unsized
            }
        default:
            return false
        }
        return true
    }

    /// A window's size; it may stand in quotes (RFC 6455 §9.1).
    private static func windowBits(_ text: Substring) -> Int? {
        var text = text
        if text.count >= 2, text.first == "\"", text.last == "\"" { text = text.dropFirst().dropLast() }
        return (8...15).first { "\($0)" == text }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
