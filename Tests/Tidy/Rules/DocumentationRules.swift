/// Public symbols carry a `///` sentence, and every source file has its tests beside it.
enum DocumentationRules {
    /// Public types and functions without a documentation comment.
    static func undocumented(_ file: TextFile) -> [Finding] {
        let lines = file.lines
        let code = SwiftSource(file.text).lines
        return code.indices.compactMap { index in
            guard let name = publicName(code[index]), !isDocumented(lines, above: index) else { return nil }
            return Finding(path: file.path, line: index + 1, fault: "\(name) has no documentation")
        }
    }

    /// Functions that protocols of the standard library name; their meaning is documented there.
    private static let witnesses: Set<Substring> = [
        "==", "<", "hash", "encode", "callAsFunction", "makeIterator", "next",
    ]

    /// The name of the public type or function that a line declares.
    static func publicName(_ line: String) -> String? {
        guard line.contains("public ") || line.contains("open ") else { return nil }
        let pattern =
            #/
            ^\s* (?: @\w+ (?: \( [^)]* \) )? \s+ )* (?: public | open ) \s+ (?: [a-z]+ \s+ )*?
            ( struct | enum | class | actor | protocol | typealias | func ) \s+ ( [^\s\(:<\{=]+ | [<=]+ )
            /#
        guard let match = line.firstMatch(of: pattern) else { return nil }
        // An override keeps the meaning that its superclass documents.
        if line.contains("override ") { return nil }
        if match.output.1 == "func", witnesses.contains(match.output.2) { return nil }
        // `public class func`: the word after `class` is no name.
        return match.output.2 == "func" ? nil : String(match.output.2)
    }

    private static func isDocumented(_ lines: [Substring], above index: Int) -> Bool {
        var at = index - 1
        while at >= 0 {
            let text = lines[at].drop { $0 == " " || $0 == "\t" }
            if text.hasPrefix("///") { return true }
            // Attributes, and comments for maintainers, may stand between.
            let isAttribute = text.hasPrefix("@") && !text.contains("{")
            guard isAttribute || text.hasPrefix("//") || text.hasPrefix("#if") else { return false }
            at -= 1
        }
        return false
    }

    /// Source files of the modules without a test file of the same name. `A+More.swift` is tested with `A.swift`.
    static func untested(sources: [String], tests: [String]) -> [String] {
        let tested = Set(tests.compactMap { $0.split(separator: "/").last })
        return sources.filter { path in
            let name = path.split(separator: "/").last?.dropLast(".swift".count) ?? ""
            let subject = name.prefix { $0 != "+" }
            return !tested.contains(Substring(name + "Tests.swift"))
                && !tested.contains(Substring(subject + "Tests.swift"))
        }
    }
}
