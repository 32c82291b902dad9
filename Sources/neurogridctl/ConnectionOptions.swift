internal import Dial
internal import Reactor
internal import Service

/// A flag's value that cannot be used.
struct UsageFault: Error, CustomStringConvertible {
    var description: String
}

/// Which coordinator to speak to, as whom, and for whom the output is.
struct ConnectionOptions {
    var url: ServiceURL
    var token: Secret<String>?
    /// Whom to believe where the URL asks for TLS; nil: the machine's own store.
    var tls: TLSContext?
    /// JSON for machines in place of tables for people.
    var printsJSON: Bool

    static let flags = [
        Flag(
            "url", .text(maximumBytes: 1024), placeholder: "URL",
            meaning: "the coordinator; also NEUROGRID_URL", defaultText: "http://127.0.0.1:3001"),
        Flag("token", .text(maximumBytes: 8192), placeholder: "T", meaning: "a JWT; also NEUROGRID_TOKEN"),
        Flag(
            "ca-file", .text(), placeholder: "FILE",
            meaning: "PEM file of the authorities to believe in place of the machine's own; also NEUROGRID_CA_FILE"),
        Flag("json", .bool, meaning: "print JSON for machines"),
    ]

    /// - Throws: a ``UsageFault`` for a URL that is none, and a file of authorities that holds none.
    init(_ arguments: Arguments, environment: Environment = .process) throws {
        let text = arguments.text("url") ?? environment["NEUROGRID_URL"] ?? "http://127.0.0.1:3001"
        do {
            url = try ServiceURL(parsing: text)
        } catch {
            throw UsageFault(description: "--url \(redactingQueryTokens(text)): \(error)")
        }
        token = (arguments.text("token") ?? environment["NEUROGRID_TOKEN"]).map { Secret($0) }
        printsJSON = arguments.isSet("json")
        guard let file = arguments.text("ca-file") ?? environment["NEUROGRID_CA_FILE"] else { return }
        do throws(TLSFileError) {
            tls = try TLSContext(client: .file(file))
        } catch {
            throw UsageFault(description: "--ca-file \(error)")
        }
    }

    /// The token, which this command cannot do without.
    func requiredToken() throws -> String {
        guard let token else { throw UsageFault(description: "a token is needed: --token T or NEUROGRID_TOKEN") }
        return token.exposed
    }
}
