internal import Dial
internal import FoundationEssentials

/// Requests to the coordinator's REST interface.
struct RESTClient {
    /// What the coordinator answered in place of what was asked for.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let options: ConnectionOptions

    /// The body of a `GET`.
    func read(_ target: String) throws -> [UInt8] {
        var request = HTTPRequest(url: try options.url.with(target: target))
        request.headers = [("Accept", "application/json")]
        return try perform(request, expecting: 200)
    }

    /// The answer to a `POST` of JSON that makes something, or does something where `status` is 200.
    func send(
        _ body: [UInt8], to target: String, headers: [(String, String)] = [], expecting status: Int = 201
    ) throws -> [UInt8] {
        var request = HTTPRequest(method: "POST", url: try options.url.with(target: target), body: body)
        request.headers = headers + [("Content-Type", "application/json")]
        return try perform(request, expecting: status)
    }

    private func perform(_ plain: HTTPRequest, expecting status: Int) throws -> [UInt8] {
        var request = plain
        request.headers.append(("Authorization", "Bearer \(try options.requiredToken())"))
        let response: HTTPResponse
        do {
            response = try HTTPClient.blockingRequest(request, tls: options.tls)
        } catch {
            throw Failure(description: "\(options.url): \(error)")
        }
        guard response.status == status else {
            let problem = try? JSONDecoder().decode(ErrorBody.self, from: Data(response.body))
            throw Failure(
                description: problem.map { "\($0.error.code): \($0.error.message)" }
                    ?? "the coordinator answered \(response.status)")
        }
        return response.body
    }

    /// A `GET`'s body as a value.
    func read<Value: Decodable>(_ target: String, as type: Value.Type) throws -> Value {
        try Self.decode(try read(target), as: type)
    }

    static func decode<Value: Decodable>(_ body: [UInt8], as type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(body))
        } catch {
            throw Failure(description: "the coordinator's answer is not understood: \(error)")
        }
    }

    private struct ErrorBody: Decodable {
        struct Detail: Decodable {
            var code: String
            var message: String
        }
        var error: Detail
    }
}

extension String {
    /// The text as a segment of a path or a value of a query: everything but unreserved characters escaped
    /// (RFC 3986 §2.3). A segment of dots alone would be walked, so its dots are escaped as well.
    var percentEncoded: String {
        let isWalked = !isEmpty && allSatisfy { $0 == "." }
        var text = ""
        for byte in utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where !isWalked: text += "."
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
