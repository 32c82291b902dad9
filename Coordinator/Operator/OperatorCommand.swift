internal import Bytes
internal import CLinux
internal import Dial
internal import Glibc
internal import Grid
internal import Reactor
internal import Store

/// The operator's side of `token`, `enroll` and `deposit`: asks the running coordinator, or does it itself when none
/// runs.
enum OperatorCommand {
    /// Why the request was not carried out.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// How long each holder of the lock may be about to listen, or to be done: a coordinator that starts or ends, or
    /// another of these commands.
    private static let patienceNanoseconds: UInt64 = 10_000_000_000

    /// When the holder of the lock has had its time.
    private struct Patience {
        private var holder: String?
        private var deadline = Clock.monotonicNanoseconds() + OperatorCommand.patienceNanoseconds

        var isOver: Bool { Clock.monotonicNanoseconds() >= deadline }

        /// Several may stand in line: each has the time of its own.
        mutating func wait(for holder: String) {
            guard holder != self.holder else { return }
            self.holder = holder
            deadline = Clock.monotonicNanoseconds() + OperatorCommand.patienceNanoseconds
        }
    }

    /// - Returns: what the command prints: the secret that the request was for, where there is one.
    ///
    /// - Parameter settings: what counts while no coordinator runs.
    static func run(
        _ order: OperatorRequest, dataDirectory: String, settings: OfflineSettings = OfflineSettings()
    ) throws -> String {
        if let fault = order.fault { throw Failure(description: fault) }
        let directory = try DataDirectory(path: dataDirectory)
        var patience = Patience()
        while let holder = try holder(refusing: directory) {
            patience.wait(for: holder)
            if let output = try ask(order, socket: directory.controlSocketPath, patience) { return output }
            usleep(50_000)
        }
        // The archive gives the lock back when it is closed.
        return try OfflineDesk.perform(order, directory: directory, settings: settings)
    }

    /// Takes the lock. - Returns: what there is to say of the process that has it, `nil` once this one has.
    private static func holder(refusing directory: DataDirectory) throws(StoreError) -> String? {
        do throws(StoreError) {
            try directory.lock()
            return nil
        } catch {
            guard error.kind == .locked else { throw error }
            return error.description
        }
    }

    /// Takes the lock for a coordinator. One of these commands holds it but for a moment, another coordinator answers.
    static func lock(_ directory: DataDirectory) throws {
        var patience = Patience()
        while let holder = try holder(refusing: directory) {
            patience.wait(for: holder)
            guard !patience.isOver, !isAnswered(directory.controlSocketPath) else {
                // For the error that names the holder.
                return try directory.lock()
            }
            usleep(50_000)
        }
    }

    private static func isAnswered(_ path: String) -> Bool {
        guard let url = try? ServiceURL(parsing: "http://localhost/") else { return false }
        var request = HTTPRequest(url: url)
        request.unixPath = path
        return (try? HTTPClient.blockingRequest(request)) != nil
    }

    /// Asks the coordinator that holds the lock.
    ///
    /// - Returns: `nil` if nobody listens, for which there is still time.
    private static func ask(_ order: OperatorRequest, socket path: String, _ patience: Patience) throws -> String? {
        var request = HTTPRequest(
            method: "POST", url: try ServiceURL(parsing: "http://localhost" + order.path),
            body: order.body.withBytes { Array($0) })
        request.unixPath = path
        request.headers = [("Content-Type", "application/json")]
        let response: Dial.HTTPResponse
        do throws(DialError) {
            response = try HTTPClient.blockingRequest(request)
        } catch {
            // Nothing was sent yet: only then may it be sent again.
            if case .unreachable(let fault) = error, [ECONNREFUSED, ENOENT].contains(fault.errno),
                !patience.isOver
            {
                return nil
            }
            throw Failure(description: "a coordinator holds the data directory, but \(path) does not answer: \(error)")
        }
        return try output(in: response)
    }

    private static func output(in response: Dial.HTTPResponse) throws -> String {
        var output: String?
        var message: String?
        response.body.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            do {
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    switch key.string {
                    case "output": output = try reader.readString()
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
        guard response.status == 201, let output else {
            throw Failure(description: message ?? "the coordinator answered \(response.status)")
        }
        return output
    }
}
