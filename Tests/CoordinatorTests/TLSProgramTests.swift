import Access
import Dial
import Foundation
import Glibc
import Grid
import Reactor
import TestCertificates
import Testing

@testable import neurogrid_coordinator

/// The built programs over TLS: certificates read, renewed and refused.
@Suite("Programs over TLS", .serialized, .timeLimit(.minutes(2)))
struct TLSProgramTests {
    private let scratch: ScratchFolder
    private let certificates: CertificateFolder
    private var data: String { scratch.path + "/data" }

    init() throws {
        scratch = try ScratchFolder()
        certificates = try CertificateFolder()
    }

    /// Starts a coordinator with these settings of TLS.
    private func serve(_ tls: [String: String], _ further: [String] = []) throws -> RunningProgram {
        let file = scratch.path + "/coordinator.json5"
        try JSONSerialization.data(withJSONObject: ["tls": tls]).write(to: URL(fileURLWithPath: file))
        return try RunningProgram(
            "neurogrid-coordinator",
            ["serve", "--config", file, "--listen", "127.0.0.1:0", "--data-dir", data, "--loops", "2"] + further)
    }

    private func health(_ port: UInt16, believing authority: String) -> Result<Int, DialError> {
        Result { () throws(DialError) in
            guard let url = try? ServiceURL(parsing: "https://localhost:\(port)/healthz"),
                let tls = try? TLSContext(client: .file(authority))
            else { throw .cancelled }
            return try HTTPClient.blockingRequest(HTTPRequest(url: url), tls: tls).status
        }
    }

    private func isUntrusted(_ result: Result<Int, DialError>) -> Bool {
        if case .failure(.tls(.certificate)) = result { true } else { false }
    }

    private func waitFor(_ text: String, in program: RunningProgram, times: Int = 1) async throws {
        while program.isRunning, program.output.components(separatedBy: text).count <= times {
            try await Task.sleep(nanoseconds: 10_000_000)
        }
        #expect(program.output.components(separatedBy: text).count > times, "\(program.output)")
    }

    private func startAgent(_ port: UInt16, _ more: [String: String]) async throws -> RunningProgram {
        let enrol = try RunningProgram(
            "neurogrid-coordinator", ["enroll", "--data-dir", data, "--owner", "o", "--name", "n"])
        #expect(await enrol.status() == 0)
        let token = enrol.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let file = scratch.path + "/agent.json5"
        let tls = ["ca_file": certificates.authority].merging(more) { $1 }
        try JSONSerialization.data(withJSONObject: ["tls": tls]).write(to: URL(fileURLWithPath: file))
        return try RunningProgram(
            "neurogrid-agent",
            [
                "run", "--coordinator", "wss://localhost:\(port)", "--state-dir", scratch.path + "/state",
                "--join-token", token, "--config", file,
            ])
    }

    @Test func anAgentStreamsAndTheCommandReads() async throws {
        let pair = try certificates.issue("server")
        let coordinator = try serve(["certificate": pair.certificate, "private_key": pair.key])
        let port = try #require(try await coordinator.port(), "\(coordinator.output)")
        let agent = try await startAgent(port, [:])
        try await waitFor("connected", in: agent)
        let mint = try RunningProgram(
            "neurogrid-coordinator", ["token", "--data-dir", data, "--user", "u", "--permissions", "node:read"])
        #expect(await mint.status() == 0)
        let token = mint.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let asked = ["--url", "https://localhost:\(port)", "--token", token]
        let good = try RunningProgram("neurogridctl", asked + ["--ca-file", certificates.authority, "nodes"])
        #expect(await good.status() == 0)
        #expect(good.output.contains("online"), "\(good.output)")
        let stranger = try RunningProgram("neurogridctl", asked + ["nodes"])
        #expect(await stranger.status() != 0)
        #expect(stranger.output.contains("the certificate is not trusted"), "\(stranger.output)")
        agent.signal(SIGTERM)
        #expect(await agent.status() == 0)
        coordinator.signal(SIGTERM)
        #expect(await coordinator.status() == 0)
    }

    @Test func aRenewedCertificateIsTakenByASignalAndABadOneIsNot() async throws {
        let renewed = try CertificateFolder()
        let (old, new) = (try certificates.issue("server"), try renewed.issue("server"))
        let (certificate, key) = (scratch.path + "/c.pem", scratch.path + "/k.pem")
        func install(_ pair: CertificateFolder.Pair) throws {
            for (from, to) in [(pair.certificate, certificate), (pair.key, key)] {
                try? FileManager.default.removeItem(atPath: to)
                try FileManager.default.copyItem(atPath: from, toPath: to)
            }
        }
        try install(old)
        let coordinator = try serve(["certificate": certificate, "private_key": key])
        let port = try #require(try await coordinator.port(), "\(coordinator.output)")
        #expect(try health(port, believing: certificates.authority).get() == 200)
        let agent = try await startAgent(port, [:])
        try await waitFor("connected", in: agent)
        try install(new)
        #expect(try health(port, believing: certificates.authority).get() == 200)
        coordinator.signal(SIGHUP)
        try await waitFor("certificate re-read", in: coordinator)
        #expect(try health(port, believing: renewed.authority).get() == 200)
        #expect(isUntrusted(health(port, believing: certificates.authority)))
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: certificate))
        coordinator.signal(SIGHUP)
        try await waitFor("the old one stays", in: coordinator)
        #expect(coordinator.output.contains("\(certificate): holds no PEM certificate"))
        #expect(try health(port, believing: renewed.authority).get() == 200)
        // The agent, whose connection is older than all of this, never noticed.
        #expect(agent.isRunning && !agent.output.contains("lost") && !agent.output.contains("disconnected"))
    }

    @Test("agents show a certificate where authorities are named", arguments: [false, true])
    func agentsShowCertificates(isShown: Bool) async throws {
        let pair = try certificates.issue("server")
        let coordinator = try serve(
            ["certificate": pair.certificate, "private_key": pair.key, "client_ca": certificates.authority])
        let port = try #require(try await coordinator.port(), "\(coordinator.output)")
        // Other paths ask for none.
        #expect(try health(port, believing: certificates.authority).get() == 200)
        let client = try certificates.issue("agent", usage: "clientAuth")
        let agent = try await startAgent(
            port, isShown ? ["certificate": client.certificate, "private_key": client.key] : [:])
        try await waitFor(isShown ? "connected" : "refused with status 403", in: agent)
    }

    @Test func whatCannotBeUsedIsNamedAtTheStart() async throws {
        let (pair, other) = (try certificates.issue("server"), try certificates.issue("other"))
        let missing = scratch.path + "/missing.pem"
        for (tls, text) in [
            (["certificate": missing, "private_key": pair.key], "\(missing): open: No such file or directory"),
            (["certificate": pair.certificate, "private_key": other.key], "\(other.key): is not the key of"),
            (
                ["certificate": pair.certificate, "private_key": pair.key, "client_ca": missing],
                "\(missing): open: No such file or directory"
            ),
        ] {
            let coordinator = try serve(tls)
            #expect(await coordinator.status() == 70)
            #expect(coordinator.output.contains(text), "\(coordinator.output)")
        }
        let expired = try certificates.issue("expired", days: -1)
        let coordinator = try serve(["certificate": expired.certificate, "private_key": expired.key])
        let port = try #require(try await coordinator.port(), "\(coordinator.output)")
        #expect(coordinator.output.contains("the certificate has expired"))
        #expect(isUntrusted(health(port, believing: certificates.authority)))
    }

    @Test func aDevelopersCertificateIsMadeOnRequestOnly() async throws {
        let coordinator = try serve([:], ["--dev", "--tls-self-signed"])
        let port = try #require(try await coordinator.port(), "\(coordinator.output)")
        #expect(try health(port, believing: data + "/tls-certificate.pem").get() == 200)
        coordinator.signal(SIGTERM)
        #expect(await coordinator.status() == 0)
        let refused = try serve([:], ["--tls-self-signed"])
        #expect(await refused.status() == 64)
        #expect(refused.output.contains("tls.self_signed"), "\(refused.output)")
    }

    @Test func plainHTTPIsClosedWithOneLineHoweverOftenItComes() async throws {
        let pair = try certificates.issue("server")
        let coordinator = try serve(["certificate": pair.certificate, "private_key": pair.key])
        let port = try #require(try await coordinator.port(), "\(coordinator.output)")
        let began = Clock.monotonicNanoseconds()
        for _ in 0..<50 {
            let client = try RawClient(port: port)
            client.say("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            // Nothing but perhaps an alert, then the end.
            #expect(!client.hear { _ in false }.contains("HTTP"))
        }
        try await waitFor("speaks HTTP without TLS", in: coordinator)
        // One a second.
        let seconds = Int((Clock.monotonicNanoseconds() - began) / 1_000_000_000)
        #expect(coordinator.output.components(separatedBy: "TLS refused").count <= seconds + 3)
    }

    @Test func beyondLoopbackPlainTextIsWarnedOf() async throws {
        let coordinator = try RunningProgram(
            "neurogrid-coordinator", ["serve", "--listen", "0.0.0.0:0", "--data-dir", data, "--loops", "1"])
        try await waitFor("listening on 0.0.0.0", in: coordinator)
        #expect(coordinator.output.contains("beyond loopback without TLS"))
    }
}
