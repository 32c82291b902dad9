internal import Bytes
internal import CLinux
internal import Dial
internal import Grid
internal import Reactor
internal import Store

/// The operator's side of `token` and `enroll`: asks the running coordinator, or does it itself when none runs.
enum OperatorCommand {
    /// Why the request was not carried out.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// - Returns: the secret that the request was for.
    static func run(_ order: OperatorRequest, dataDirectory: String) throws -> String {
        if let fault = order.fault { throw Failure(description: fault) }
        let directory = try DataDirectory(path: dataDirectory)
        do {
            try directory.lock()
        } catch  where error.kind == .locked {
            return try ask(order, socket: directory.controlSocketPath)
        }
        // The archive gives the lock back when it is closed.
        return try OfflineDesk.perform(order, directory: directory)
    }

    /// Asks the coordinator that holds the lock.
    private static func ask(_ order: OperatorRequest, socket path: String) throws -> String {
        let response: Dial.HTTPResponse
        do {
            var request = HTTPRequest(
                method: "POST", url: try ServiceURL(parsing: "http://localhost" + order.path),
                body: order.body.withBytes { Array($0) })
            request.unixPath = path
            request.headers = [("Content-Type", "application/json")]
            response = try HTTPClient.blockingRequest(request)
        } catch {
            throw Failure(description: "a coordinator holds the data directory, but \(path) does not answer: \(error)")
        }
        var secret: String?
        var message: String?
        response.body.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            do {
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    switch key.string {
                    case "secret": secret = try reader.readString()
                    case "error":
                        try reader.beginObject()
                        while let inner = try reader.nextKey() {
                            guard inner.equals("message") else {
                                try reader.skipValue()
                                continue
                            }
                            message = try reader.readString()
                        }
                    default: try reader.skipValue()
                    }
                }
            } catch {
                message = "the coordinator's answer cannot be read: \(error)"
            }
        }
        guard response.status == 201, let secret else {
            throw Failure(description: message ?? "the coordinator answered \(response.status)")
        }
        return secret
    }
}
