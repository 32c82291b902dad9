/// Walks over the fields and lines of a kernel file in place: integers and ranges out, no text, no copies.
struct FieldScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    /// Skips blanks, not line ends.
    mutating func skipBlanks() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    /// Consumes `text` if it stands here.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] { return false }
        position += count
        return true
    }

    /// The decimal number after optional blanks; `nil`, and nothing but blanks consumed, where there is none
    /// or it exceeds 64 bits.
    mutating func unsigned() -> UInt64? {
        skipBlanks()
        var index = position
        var value: UInt64 = 0
        while index < bytes.count {
            let digit = bytes[index] &- 0x30
            guard digit <= 9 else { break }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return nil }
            value = sum
            index += 1
        }
        guard index > position else { return nil }
        position = index
        return value
    }

    /// A decimal number with an optional fraction, as `0.15`.
    mutating func decimal() -> Double? {
        guard let whole = unsigned() else { return nil }
        guard position + 1 < bytes.count, bytes[position] == 0x2E, bytes[position + 1] &- 0x30 <= 9 else {
            return Double(whole)
        }
        position += 1
        let start = position
        guard let fraction = unsigned() else { return nil }
        var scale = 1.0
        for _ in start..<position { scale *= 10 }
        // One rounding: `4.94` is the nearest double to 4.94.
        return (Double(whole) * scale + Double(fraction)) / scale
    }

    /// The bytes up to the next blank, line end or `stop`, after optional blanks; empty at a line's end.
    mutating func word(stoppingAt stop: UInt8? = nil) -> UnsafeRawBufferPointer {
        skipBlanks()
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == stop { break }
            position += 1
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// Consumes up to `count` words.
    mutating func skipWords(_ count: Int) { for _ in 0..<count { _ = word() } }

    /// Goes to the next line's start; `false` at the end of the file.
    mutating func nextLine() -> Bool {
        while position < bytes.count {
            position += 1
            if bytes[position - 1] == 0x0A { return position < bytes.count }
        }
        return false
    }

    /// The rest of the line as text, without blanks around it.
    mutating func restOfLine() -> String {
        skipBlanks()
        let start = position
        while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0 { position += 1 }
        var end = position
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes begin with `text`.
    func starts(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for offset in 0..<text.utf8CodeUnitCount where self[offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// Whether these bytes are exactly `text`.
    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && starts(with: text) }
}
