import Foundation

/// A text file of the repository, by its path from the root.
struct TextFile {
    let path: String
    let text: String

    /// Swift takes a carriage return and its line feed for one character.
    var lines: [Substring] { text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" } }
    var isSwift: Bool { path.hasSuffix(".swift") }
    /// The folders and the file name.
    var components: [Substring] { path.split(separator: "/") }
    /// The file name without its last extension.
    var stem: Substring {
        let name = components.last ?? ""
        return name.lastIndex(of: ".").map { name[..<$0] } ?? name
    }
}

/// What a rule found: where, and what is wrong there.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    /// From 1; 0 means the file as a whole.
    let line: Int
    let fault: String

    var description: String { line > 0 ? "\(path):\(line): \(fault)" : "\(path): \(fault)" }
}

/// The tree that these rules judge.
enum Repository {
    /// Folders of build results and of version control.
    private static let skipped: Set<String> = [".git", ".build", ".demo", ".swiftpm", "node_modules", "__pycache__"]

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every text file; files that are not UTF-8 are binary.
    static let files: [TextFile] = {
        var found: [TextFile] = []
        collect(root, path: "", into: &found)
        return found.sorted { $0.path < $1.path }
    }()

    private static func collect(_ folder: URL, path: String, into found: inout [TextFile]) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where !skipped.contains(name) {
            let url = folder.appendingPathComponent(name)
            let below = path.isEmpty ? name : path + "/" + name
            let values = try? url.resourceValues(forKeys: [.isDirectoryKey, .isSymbolicLinkKey])
            if values?.isSymbolicLink == true { continue }
            if values?.isDirectory == true {
                collect(url, path: below, into: &found)
            } else if let data = try? Data(contentsOf: url), let text = String(data: data, encoding: .utf8),
                !text.utf8.contains(0)
            {
                found.append(TextFile(path: below, text: text))
            }
        }
    }
}
