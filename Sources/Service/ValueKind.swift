/// What a flag, a variable or a configuration key may hold.
public enum ValueKind: Sendable, Hashable {
    /// `true` or `false`; as a flag it takes no value.
    case bool
    /// A whole number in the range; where `orZero`, also 0, which then means no limit.
    case integer(ClosedRange<Int64>, orZero: Bool = false)
    /// A number in the range.
    case number(ClosedRange<Double>)
    /// Any text of at most this many bytes of UTF-8.
    case text(maximumBytes: Int = 4096)
    /// A length of time such as `15m`, in this range of nanoseconds; where `orZero`, also `0s`.
    case duration(ClosedRange<UInt64>, orZero: Bool = false)
    /// One of these words.
    case choice([String])
    /// At most this many texts: an array in a file, commas between them elsewhere.
    case list(maximumCount: Int = 64)
    /// At most this many of these words, in the same notation.
    case choices([String])

    /// The value that `text`, from a command line or a variable, means; the error is what is wrong with it.
    public func parse(_ text: String) -> Result<Value, ValueFault> {
        switch self {
        case .bool:
            switch text.lowercased() {
            case "true", "1", "yes", "on": return .success(.bool(true))
            case "false", "0", "no", "off": return .success(.bool(false))
            default: return .failure(mismatch)
            }
        case .integer:
            guard let value = Int64(text) else { return .failure(mismatch) }
            return check(.integer(value))
        case .number:
            guard let value = Double(text) else { return .failure(mismatch) }
            return check(.number(value))
        case .text, .choice: return check(.text(text))
        case .duration:
            guard let nanoseconds = DurationText.nanoseconds(text) else { return .failure(mismatch) }
            return check(.duration(nanoseconds))
        case .list, .choices:
            let parts = text.split(separator: ",", omittingEmptySubsequences: true)
            return check(.list(parts.map { part in String(part.drop { $0 == " " }) }))
        }
    }

    /// `value` if it is of this kind and in range; the error is what is wrong with it.
    ///
    /// Whole numbers count as numbers, and texts that read as a length of time as durations.
    public func check(_ value: Value) -> Result<Value, ValueFault> {
        switch (self, value) {
        case (.bool, .bool): return .success(value)
        case (.integer(let range, let orZero), .integer(let number)):
            return range.contains(number) || (orZero && number == 0) ? .success(value) : .failure(outOfRange)
        case (.number(let range), .number(let number)):
            return range.contains(number) ? .success(value) : .failure(outOfRange)
        case (.number, .integer(let number)): return check(.number(Double(number)))
        case (.text(let maximum), .text(let text)):
            if text.utf8.count > maximum { return .failure(ValueFault("is longer than \(maximum) bytes")) }
            return text.utf8.contains(0) ? .failure(ValueFault("holds a NUL")) : .success(value)
        case (.duration(let range, let orZero), .duration(let nanoseconds)):
            return range.contains(nanoseconds) || (orZero && nanoseconds == 0) ? .success(value) : .failure(outOfRange)
        case (.duration, .text(let text)): return parse(text)
        case (.choice(let words), .text(let word)):
            return words.contains(word) ? .success(value) : .failure(mismatch)
        case (.list(let maximum), .list(let texts)):
            return texts.count <= maximum
                ? .success(value) : .failure(ValueFault("has more than \(maximum) entries"))
        case (.choices(let words), .list(let texts)):
            return texts.allSatisfy(words.contains) ? .success(value) : .failure(mismatch)
        default: return .failure(mismatch)
        }
    }

    /// What may stand there, for help texts and documentation: `1…100, or 0 for no limit`.
    public var summary: String {
        switch self {
        case .bool: "true or false"
        case .integer(let range, let orZero): "whole number \(span(range))" + (orZero ? ", or 0 for no limit" : "")
        case .number(let range): "number \(span(range))"
        case .text: "text"
        case .duration(let range, let orZero):
            "duration \(DurationText.text(nanoseconds: range.lowerBound))…"
                + DurationText.text(nanoseconds: range.upperBound) + (orZero ? ", or 0s for none" : "")
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .list: "list of texts"
        case .choices(let words): "list of " + words.joined(separator: ", ")
        }
    }

    private func span<Bound>(_ range: ClosedRange<Bound>) -> String {
        "\(range.lowerBound)…\(range.upperBound)"
    }

    /// What is wrong with a value of another kind.
    var mismatch: ValueFault {
        switch self {
        case .bool: ValueFault("is not true or false")
        case .integer: ValueFault("is not a whole number")
        case .number: ValueFault("is not a number")
        case .text: ValueFault("is not a text")
        case .duration: ValueFault("is not a duration such as 250ms, 1s, 15m or 1h")
        case .choice(let words): ValueFault("is not one of " + words.joined(separator: ", "))
        case .list: ValueFault("is not a list of texts")
        case .choices(let words): ValueFault("is not a list of words out of " + words.joined(separator: ", "))
        }
    }

    private var outOfRange: ValueFault { ValueFault("is out of range, allowed is a \(summary)") }
}

/// What is wrong with a value: the end of a sentence that begins with the value.
public struct ValueFault: Error, Hashable, Sendable {
    /// Such as `is not a whole number`.
    public let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
