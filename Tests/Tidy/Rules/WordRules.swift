import Foundation

/// Words that have no place in the tree. They are spelled in pieces here, so that these rules pass themselves.
enum WordRules {
    /// Marks of unfinished work.
    static let unfinished = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
    /// Names that say nothing; a file or type is named after what it is.
    static let vague = ["Util", "Utils", "Utilities", "Helper", "Helpers", "Man" + "ager"]

    /// Lines that carry a mark of unfinished work as a whole word.
    static func unfinishedWork(_ file: TextFile) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
            return unfinished.filter { mark in words.contains { $0 == mark } }.map {
                Finding(path: file.path, line: index + 1, fault: "leftover \($0)")
            }
        }
    }

    /// Files and Swift types named after nothing.
    static func vagueNames(_ file: TextFile) -> [Finding] {
        var findings: [Finding] = []
        if vague.contains(where: { file.stem.hasSuffix($0) }) {
            findings.append(Finding(path: file.path, line: 0, fault: "a file name that says nothing"))
        }
        guard file.isSwift else { return findings }
        for (index, line) in SwiftSource(file.text).lines.enumerated() {
            guard let name = typeName(line), vague.contains(where: { name.hasSuffix($0) }) else { continue }
            findings.append(Finding(path: file.path, line: index + 1, fault: "\(name) says nothing"))
        }
        return findings
    }

    private static let kinds = ["struct ", "enum ", "class ", "actor ", "protocol ", "typealias "]

    /// The name of the type that a line declares.
    static func typeName(_ line: String) -> String? {
        guard kinds.contains(where: { line.contains($0) }) else { return nil }
        let pattern = #/^\s*(?:[a-z@]+(?:\([^)]*\))?\s+)*(?:struct|enum|class|actor|protocol|typealias)\s+(\w+)/#
        return line.firstMatch(of: pattern).map { String($0.output.1) }
    }

    /// Sources that stand in for something still to come.
    static func placeholders(_ file: TextFile) -> [Finding] {
        file.stem == "Place" + "holder" ? [Finding(path: file.path, line: 0, fault: "stands for nothing")] : []
    }
}
