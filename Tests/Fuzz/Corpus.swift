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

/// Seeds with a few faults each: changed, lost, doubled and inserted bytes. The same ones in every run.
struct Mutator {
    let seeds: [[UInt8]]
    let words: [[UInt8]]
    private var random = SplitMix64(seed: 1)

    init(seeds: [[UInt8]], words: [[UInt8]]) {
        self.seeds = seeds
        self.words = words
    }

    /// The next input.
    mutating func next() -> [UInt8] {
        var bytes = seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 4: bytes.replaceSubrange(place..<end, with: words.randomElement(using: &random) ?? [])
            default: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
            }
        }
        return bytes
    }
}
