internal import Bytes
internal import Reactor

/// Writes Prometheus' text format, version 0.0.4: families of samples, each with its HELP and TYPE.
struct MetricsText {
    /// What a metric is.
    enum Kind: String {
        case counter, gauge, histogram
    }

    /// The media type of the text.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var buffer = ByteBuffer(capacity: 32 << 10)
    private var name = ""

    /// Begins a family; its samples follow. Names and helps are ours: ASCII, without backslashes and newlines.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// A whole number of the family.
    mutating func sample(_ value: UInt64, _ labels: KeyValuePairs<String, String> = [:]) {
        head("", labels)
        text(" \(value)\n")
    }

    /// A whole number of the family.
    mutating func sample(_ value: Int, _ labels: KeyValuePairs<String, String> = [:]) {
        head("", labels)
        text(" \(value)\n")
    }

    /// A fraction of the family.
    mutating func sample(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
        head("", labels)
        text(" \(Self.text(value))\n")
    }

    /// Nanoseconds, in seconds.
    mutating func sample(nanoseconds: UInt64, _ labels: KeyValuePairs<String, String> = [:]) {
        sample(Double(nanoseconds) / 1e9, labels)
    }

    /// A family of one whole number.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
        family(name, kind, help)
        sample(value)
    }

    /// A family of one whole number.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        family(name, kind, help)
        sample(value)
    }

    /// A family with a sample for each case of a closed set.
    mutating func tally<Key: Countable>(
        _ name: String, _ kind: Kind, _ help: String, label: String, _ tally: Tally<Key>
    ) {
        family(name, kind, help)
        for key in Key.allCases { sample(tally[key], [label: key.rawValue]) }
    }

    /// A family of one histogram.
    ///
    /// - Parameter unit: what one unit of the histogram's values is in the metric's: 1e-9 for nanoseconds.
    mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram, unit: Double) {
        family(name, .histogram, help)
        var cumulative: UInt64 = 0
        for index in 0..<Histogram.boundedCount {
            cumulative += histogram.valueCount(index)
            head("_bucket", ["le": Self.text(Double(histogram.upperBound(index)) * unit)])
            text(" \(cumulative)\n")
        }
        head("_bucket", ["le": "+Inf"])
        text(" \(histogram.count)\n")
        head("_sum", [:])
        text(" \(Self.text(Double(histogram.sum) * unit))\n")
        head("_count", [:])
        text(" \(histogram.count)\n")
    }

    /// A family of one histogram of nanoseconds, told in seconds.
    mutating func durations(_ name: String, _ help: String, _ histogram: Histogram) {
        self.histogram(name, help, histogram, unit: 1e-9)
    }

    private mutating func head(_ suffix: String, _ labels: KeyValuePairs<String, String>) {
        text(name + suffix)
        guard !labels.isEmpty else { return }
        var separator = "{"
        for (key, value) in labels {
            text("\(separator)\(key)=\"\(Self.escaped(value))\"")
            separator = ","
        }
        text("}")
    }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { [UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "\n")].contains($0) })
        else { return value }
        return value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }

    /// As Go's parser reads it; whole numbers without a point.
    private static func text(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { buffer.append(UnsafeRawBufferPointer($0)) }
    }
}
