import Foundation

/// What holds for every text file, whatever its language.
enum TextRules {
    /// Spaces at line ends, carriage returns, and a last line without its end.
    static func spacing(_ file: TextFile) -> [Finding] {
        var findings = file.lines.enumerated().compactMap { index, line -> Finding? in
            guard let last = line.last, last == " " || last == "\t" else {
                return nil
            }
            return Finding(path: file.path, line: index + 1, fault: "space at the end of the line")
        }
        if file.text.utf8.contains(0x0D) {
            findings.append(Finding(path: file.path, line: 0, fault: "carriage returns"))
        }
        if !file.text.isEmpty, !file.text.hasSuffix("\n") {
            findings.append(Finding(path: file.path, line: file.lines.count, fault: "no newline at the end"))
        }
        if file.text.hasSuffix("\n\n") {
            findings.append(Finding(path: file.path, line: file.lines.count, fault: "empty lines at the end"))
        }
        return findings
    }

    /// Folders that only a build machine has. Spelled in pieces, so that this file passes.
    private static let buildFolders = ["/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/"]
    /// A folder counts where a path begins, not inside a longer one.
    private static let pathEnds: Set<Character> = [" ", "\"", "'", "`", ")", "(", "=", ":", ",", "\t", "<", ">", "["]

    /// Absolute paths of the machine on which something was built.
    static func buildPaths(_ file: TextFile) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            buildFolders.filter { folder in
                line.ranges(of: folder).contains { range in
                    range.lowerBound == line.startIndex || pathEnds.contains(line[line.index(before: range.lowerBound)])
                }
            }.map { Finding(path: file.path, line: index + 1, fault: "a build machine's path under \($0)") }
        }
    }

    /// Hosts that the tree may name: loopback, reserved example names, and where standards and licences live.
    private static let knownHosts: Set<String> = [
        "localhost", "127.0.0.1", "[::1]", "[::]", "0.0.0.0", "api.neurogrid.ai", "www.apache.org", "swift.org",
        "www.swift.org", "www.rfc-editor.org", "spec.openapis.org", "json-schema.org", "prometheus.io",
    ]
    private static let knownEndings = [".example", ".example.com", ".example.org", ".invalid", ".test"]

    /// Whether everybody may be sent to that host. A bare word without a port is a made-up name.
    private static func isKnown(_ host: String, mayBeBare: Bool) -> Bool {
        knownHosts.contains(host) || knownEndings.contains { ("." + host).hasSuffix($0) }
            || (mayBeBare && !host.contains(".") && !host.contains(":"))
    }

    /// Addresses of hosts that nobody else can reach or should be sent to, such as a package mirror.
    static func strayHosts(_ file: TextFile) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            guard line.contains("://") else { return [Finding]() }
            return line.matches(of: #/https?://([A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?/#).compactMap { match in
                let host = match.output.1.lowercased()
                let mayBeBare = match.output.2 == nil || file.path.hasPrefix("Tests/")
                guard !isKnown(host, mayBeBare: mayBeBare) else { return nil }
                return Finding(path: file.path, line: index + 1, fault: "names the host \(host)")
            }
        }
    }
}
