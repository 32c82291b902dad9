internal import Dial
internal import FoundationEssentials

/// Reads of the coordinator's REST interface.
struct RESTClient {
    /// What the coordinator answered in place of what was asked for.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let options: ConnectionOptions

    /// The body of a `GET`.
    func read(_ target: String) throws -> [UInt8] {
        var request = HTTPRequest(url: try options.url.with(target: target))
        request.headers = [("Authorization", "Bearer \(try options.requiredToken())"), ("Accept", "application/json")]
        let response: HTTPResponse
        do {
            response = try HTTPClient.blockingRequest(request, tls: options.tls)
        } catch {
            throw Failure(description: "\(options.url): \(error)")
        }
        guard response.status == 200 else {
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
