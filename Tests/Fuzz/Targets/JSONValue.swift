import Bytes

/// Any JSON value, as one of two readers understood it.
indirect enum JSONValue: Equatable {
    case object([Member])
    case array([JSONValue])
    case string([UInt8])
    /// The bits of the nearest double: zeros keep their sign.
    case number(UInt64)
    case bool(Bool)
    case null

    struct Member: Equatable {
        let key: [UInt8]
        let value: JSONValue
    }

    /// Reads the next value through the pull interface, each number in every way there is.
    static func pulled(_ reader: inout JSONReader) throws -> JSONValue {
        switch try reader.peek() {
        case .object:
            var members: [Member] = []
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let name = key.withDecoded { [UInt8]($0) }
                try require(key.hasEscapes || name == [UInt8](key.raw), "a text without escapes is its bytes")
                members.append(Member(key: name, value: try pulled(&reader)))
            }
            return .object(members)
        case .array:
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try pulled(&reader)) }
            return .array(elements)
        case .string: return .string(Array(try reader.readString().utf8))
        case .number: return .number(try number(&reader).bitPattern)
        case .bool: return .bool(try reader.readBool())
        case .null:
            try require(try reader.readNull(), "a null that is none")
            return .null
        }
    }

    /// Reads a number; its readings as integers must agree with it.
    private static func number(_ reader: inout JSONReader) throws -> Double {
        var raw = reader
        let text = String(decoding: try raw.readRaw(), as: UTF8.self)
        var signed = reader
        var unsigned = reader
        var fixed = reader
        let int = try? signed.readInt64()
        let uint = try? unsigned.readUInt64()
        let thousandths = try? fixed.readFixed(decimals: 3)
        let value = try reader.readDouble()
        try require(value == Double(text), "\(text) was read as \(value)")
        if text.contains(where: { ".eE".contains($0) }) {
            try require(int == nil || int.map { Double($0) } == value, "\(text) is no \(int ?? 0)")
            try require(uint == nil || uint.map { Double($0) } == value, "\(text) is no \(uint ?? 0)")
        } else {
            try require(int == Int64(text), "\(text) is no \(int.map(String.init) ?? "fault")")
            try require(uint == (value == 0 ? 0 : UInt64(text)), "\(text) is no \(uint.map(String.init) ?? "fault")")
            let product = Int64(text).map { $0.multipliedReportingOverflow(by: 1000) }
            let expected = product.flatMap { $0.overflow ? nil : $0.partialValue }
            try require(thousandths == expected, "\(text) in thousandths is no \(thousandths ?? 0)")
        }
        return value
    }

    /// Writes the value.
    func write(to writer: inout JSONWriter) {
        switch self {
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(String(decoding: member.key, as: UTF8.self))
                member.value.write(to: &writer)
            }
            writer.endObject()
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .string(let bytes): bytes.withUnsafeBytes { writer.string(utf8: $0) }
        case .number(let bits): writer.double(Double(bitPattern: bits))
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        }
    }
}

/// RFC 8259 read once more, slowly and plainly: what the fast reader is measured against.
struct JSONOracle {
    private let text: [UInt8]
    private var position = 0
    private let maximumDepth: Int

    /// The value that `bytes` say; `nil` if they are not one valid value and nothing else.
    static func value(of bytes: UnsafeRawBufferPointer, maximumDepth: Int) -> JSONValue? {
        let text = [UInt8](bytes)
        guard String(validating: text, as: UTF8.self) != nil else { return nil }
        var oracle = JSONOracle(text: text, maximumDepth: maximumDepth)
        guard let value = oracle.value(depth: 0) else { return nil }
        oracle.skipBlanks()
        return oracle.position == text.count ? value : nil
    }

    private init(text: [UInt8], maximumDepth: Int) {
        self.text = text
        self.maximumDepth = maximumDepth
    }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    /// Consumes `word` if it is next.
    private mutating func take(_ word: String) -> Bool {
        guard text[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func value(depth: Int) -> JSONValue? {
        skipBlanks()
        if take("null") { return .null }
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        if take("\"") { return string().map(JSONValue.string) }
        if take("{") { return depth < maximumDepth ? object(depth: depth + 1) : nil }
        if take("[") { return depth < maximumDepth ? array(depth: depth + 1) : nil }
        return number()
    }

    private mutating func object(depth: Int) -> JSONValue? {
        var members: [JSONValue.Member] = []
        skipBlanks()
        if take("}") { return .object(members) }
        repeat {
            skipBlanks()
            guard take("\""), let key = string() else { return nil }
            skipBlanks()
            guard take(":"), let value = value(depth: depth) else { return nil }
            members.append(.init(key: key, value: value))
            skipBlanks()
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func array(depth: Int) -> JSONValue? {
        var elements: [JSONValue] = []
        skipBlanks()
        if take("]") { return .array(elements) }
        repeat {
            guard let value = value(depth: depth) else { return nil }
            elements.append(value)
            skipBlanks()
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    /// The rest of a string whose opening quote is consumed.
    private mutating func string() -> [UInt8]? {
        var decoded: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return decoded
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                decoded += Array(String(Character(scalar)).utf8)
            case 0..<0x20: return nil
            default: decoded.append(byte)
            }
        }
        return nil
    }

    /// What the escape means whose backslash is consumed.
    private mutating func escape() -> Unicode.Scalar? {
        let plain: [(String, Unicode.Scalar)] = [
            ("\"", "\""), ("\\", "\\"), ("/", "/"), ("b", "\u{8}"), ("f", "\u{C}"), ("n", "\n"), ("r", "\r"),
            ("t", "\t"),
        ]
        for (letter, scalar) in plain where take(letter) { return scalar }
        guard let unit = unit() else { return nil }
        guard 0xD800..<0xDC00 ~= unit else { return Unicode.Scalar(unit) }
        guard take("\\"), let low = self.unit(), 0xDC00..<0xE000 ~= low else { return nil }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00))
    }

    private mutating func unit() -> UInt32? {
        guard take("u"), text.count - position >= 4 else { return nil }
        let digits = text[position..<(position + 4)]
        position += 4
        // A sign would pass for part of a number.
        guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private mutating func number() -> JSONValue? {
        let start = position
        _ = take("-")
        if !take("0"), !digits() { return nil }
        if take("."), !digits() { return nil }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            if !digits() { return nil }
        }
        return Double(String(decoding: text[start..<position], as: UTF8.self)).map { .number($0.bitPattern) }
    }

    private mutating func digits() -> Bool {
        let start = position
        while let byte = next, 0x30...0x39 ~= byte { position += 1 }
        return position > start
    }
}
