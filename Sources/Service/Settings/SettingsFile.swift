internal import FoundationEssentials
internal import Glibc

/// A configuration file: its values, and for every key its line.
struct SettingsFile {
    /// Files are written by hand; one larger than this is some other file.
    static let maximumBytes = 1 << 20

    /// As given by the operator, for errors.
    let path: String
    /// The values.
    let root: SettingsTree
    /// The keys in the order of the file.
    let keys: [JSON5Outline.Key]

    /// Reads and decodes the file at `path`.
    init(path: String) throws(SettingsError) {
        try self.init(path: path, bytes: try Self.read(path))
    }

    /// Decodes `bytes`; `path` only names them in errors.
    init(path: String, bytes: [UInt8]) throws(SettingsError) {
        self.path = path
        // The decoder traps on some of what is not JSON5 (bytes that are not UTF-8, among others), and on a long number
        // with nothing behind it: it only gets to see objects that the outline found no fault with.
        let outline = JSON5Outline(bytes)
        keys = outline.keys
        if let fault = outline.fault {
            throw SettingsError(
                place: "\(path):\(fault.line)", key: nil, value: nil, reason: "is not JSON5: \(fault.reason)")
        }
        guard outline.isObject else {
            throw SettingsError(place: path, key: nil, value: nil, reason: "is not an object { … }")
        }
        do {
            let decoder = JSONDecoder()
            decoder.allowsJSON5 = true
            root = try decoder.decode(SettingsTree.self, from: Data(bytes))
        } catch {
            throw Self.fault(error, path, outline)
        }
        if let twice = outline.firstDuplicate {
            throw SettingsError(
                place: "\(path):\(twice.line)", key: twice.path.joined(separator: "."), value: nil,
                reason: "given twice")
        }
        try checkAgreement()
    }

    /// Two readings of one text: a key that only one of them sees would else be ignored without a word.
    private func checkAgreement() throws(SettingsError) {
        for key in keys where root.value(at: key.path) == nil {
            throw SettingsError(
                place: "\(path):\(key.line)", key: key.path.joined(separator: "."), value: nil,
                reason: "is spelt in a way that is not understood")
        }
        guard root.keyCount == keys.count else {
            throw SettingsError(
                place: path, key: nil, value: nil, reason: "has keys spelt in a way that is not understood")
        }
    }

    /// The line of the key at `path`, counted from 1.
    func line(of path: [String]) -> Int? { keys.first { $0.path == path }?.line }

    /// The decoder says what it could not decode; where in the file that is, the outline knows.
    private static func fault(_ error: any Error, _ path: String, _ outline: JSON5Outline) -> SettingsError {
        if case .dataCorrupted(let context)? = error as? DecodingError, !context.codingPath.isEmpty {
            let key = context.codingPath.filter { $0.intValue == nil }.map(\.stringValue)
            let line = outline.keys.first { $0.path == key }?.line
            return SettingsError(
                place: line.map { "\(path):\($0)" } ?? path, key: key.joined(separator: "."), value: nil,
                reason: "is not a JSON5 value")
        }
        return SettingsError(place: path, key: nil, value: nil, reason: "is not JSON5")
    }

    private static func read(_ path: String) throws(SettingsError) -> [UInt8] {
        func refusal(_ reason: String) -> SettingsError {
            SettingsError(place: path, key: nil, value: nil, reason: reason)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw refusal(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw refusal(String(cString: strerror(errno))) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else { throw refusal("is larger than \(maximumBytes) bytes") }
        }
    }
}

extension SettingsTree: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // A kind that does not fit throws, as does a value that is malformed; the next kind is tried in both cases.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let object = try? decoder.container(keyedBy: AnyKey.self) {
            var members: [String: SettingsTree] = [:]
            for key in object.allKeys { members[key.stringValue] = try object.decode(SettingsTree.self, forKey: key) }
            self = .object(members)
        } else if var array = try? decoder.unkeyedContainer() {
            var elements: [SettingsTree] = []
            while !array.isAtEnd { elements.append(try array.decode(SettingsTree.self)) }
            self = .array(elements)
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a JSON5 value")
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
