/// How long files, functions and lines may be.
enum LengthRules {
    static let fileLines = 400
    static let functionLines = 70
    static let lineColumns = 120

    /// Swift files that are too long.
    static func longFiles(_ file: TextFile) -> [Finding] {
        // The newline at the end opens no further line.
        let count = file.text.hasSuffix("\n") ? file.lines.count - 1 : file.lines.count
        guard count > fileLines else { return [] }
        return [Finding(path: file.path, line: 0, fault: "\(count) lines, at most \(fileLines)")]
    }

    /// Functions that are too long, signature and closing brace included.
    static func longFunctions(_ file: TextFile) -> [Finding] {
        SwiftSource(file.text).bodies.filter { $0.lineCount > functionLines }.map { body in
            Finding(
                path: file.path, line: body.first,
                fault: "\(body.name) has \(body.lineCount) lines, at most \(functionLines)")
        }
    }

    /// Lines that are too long. A line that is one unbreakable word (an address) may be longer.
    static func longLines(_ file: TextFile) -> [Finding] {
        file.lines.enumerated().compactMap { index, line in
            guard line.count > lineColumns else { return nil }
            return Finding(
                path: file.path, line: index + 1, fault: "\(line.count) columns, at most \(lineColumns)")
        }
    }
}
