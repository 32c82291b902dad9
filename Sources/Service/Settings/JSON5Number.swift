/// The grammar of a number in JSON5 (specification 1.0, section 6).
enum JSON5Number {
    /// Whether the whole word is a number: decimal with an optional point and exponent, hexadecimal, infinite, or none
    /// at all (`NaN`), each with an optional sign.
    static func isValid(_ word: String) -> Bool {
        var rest = Substring(word).utf8
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
        if rest.elementsEqual("Infinity".utf8) || rest.elementsEqual("NaN".utf8) { return true }
        if rest.starts(with: "0x".utf8) || rest.starts(with: "0X".utf8) {
            let digits = rest.dropFirst(2)
            return !digits.isEmpty && digits.allSatisfy(isHexadecimalDigit)
        }
        return isDecimal(rest)
    }

    private static func isDecimal(_ text: Substring.UTF8View) -> Bool {
        var rest = text
        let whole = takeDigits(&rest)
        // `012` is octal to some and twelve to others.
        if whole > 1, text.first == UInt8(ascii: "0") { return false }
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = takeDigits(&rest)
        }
        guard whole + fraction > 0 else { return false }
        guard let mark = rest.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        rest.removeFirst()
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
        return takeDigits(&rest) > 0 && rest.isEmpty
    }

    /// Drops the decimal digits at the beginning. - Returns: how many there were.
    private static func takeDigits(_ rest: inout Substring.UTF8View) -> Int {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest[digits.endIndex...]
        return digits.count
    }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
