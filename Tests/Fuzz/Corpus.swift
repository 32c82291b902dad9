import Foundation

/// The seeds and dictionaries beside this file, which libFuzzer reads as well.
enum Corpus {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let goldens = folder.deletingLastPathComponent().appendingPathComponent("Fixtures/wire")

    /// Golden messages that are seeds as they stand, by target; `run.sh` names the same.
    private static let goldenFolders = ["agent-message": "agent", "native-message": "native", "json": "rest"]

    /// The names in a folder here that do not begin with a full stop.
    static func names(in name: String, without ending: String = "") throws -> Set<String> {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(name).path)
        return Set(names.filter { !$0.hasPrefix(".") }.map { String($0.dropLast(ending.count)) })
    }

    /// The seeds of a target, in the order of their names.
    static func seeds(of target: String) throws -> [[UInt8]] {
        var folders = [folder.appendingPathComponent("corpora/" + target)]
        if let name = goldenFolders[target] { folders.append(goldens.appendingPathComponent(name)) }
        return try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
                [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
            }
        }
    }

    /// The words of a target's dictionary.
    static func dictionary(of target: String) throws -> [[UInt8]] {
        words(try String(contentsOf: folder.appendingPathComponent("dictionaries/\(target).dict"), encoding: .utf8))
    }

    /// The quoted words of libFuzzer's format: one a line, `\\`, `\"` and `\xAB` undone.
    static func words(_ text: String) -> [[UInt8]] {
        text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let start = line.firstIndex(of: "\""), line.hasSuffix("\"") else { return nil }
            var rest = line[line.index(after: start)...].dropLast().utf8[...]
            var word: [UInt8] = []
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
                    word.append(byte)
                    continue
                }
                guard letter == UInt8(ascii: "x") else {
                    word.append(letter)
                    continue
                }
                word.append(UInt8(String(rest.prefix(2)) ?? "", radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            }
            return word
        }
    }
}
