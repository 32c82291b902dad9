import Bytes
import Grid

/// Reads what somebody raises an alert about.
enum AlertDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> AlertContent {
        do throws(WireError) { return try read(bytes) } catch { throw error.asBadRequest }
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> AlertContent {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        var message: String?
        var content = AlertContent(message: "")
        while let key = try reader.nextKey() {
            switch key {
            case "severity": content.severity = try severity(&reader) ?? .warning
            case "kind": content.kind = try reader.plain("kind", limit: Limits.alertKindBytes)
            case "node_id": content.node = try reader.uuid("node_id").map { NodeID($0) }
            case "message": message = try reader.plain("message", limit: Limits.alertMessageBytes)
            case "value": content.reading.valueThousandths = try reader.thousandths("value")
            case "threshold": content.reading.thresholdThousandths = try reader.thousandths("threshold")
            case "unit": content.reading.unit = try reader.plain("unit", limit: Limits.alertUnitBytes) ?? ""
            default: throw TaskDecoder.unknown(key)
            }
        }
        try reader.finish()
        content.message = try reader.required(message, "message")
        return content
    }

    private static func severity(_ reader: inout MessageReader) throws(WireError) -> AlertSeverity? {
        guard let name = try reader.text("severity", limit: 16) else { return nil }
        guard let severity = AlertSeverity(rawValue: name) else {
            throw reader.fault("severity", "expected info, warning or critical")
        }
        return severity
    }
}

/// Reads what somebody's model has predicted.
enum PredictionDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> PredictionContent {
        do throws(WireError) { return try read(bytes) } catch { throw error.asBadRequest }
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> PredictionContent {
        var reader = MessageReader(bytes)
        try reader.beginMessage()
        var status: PredictionStatus?
        var content = PredictionContent(status: .completed, results: [])
        while let key = try reader.nextKey() {
            switch key {
            case "status": status = try self.status(&reader)
            case "results": content.results = try results(&reader)
            case "node_id": content.node = try reader.uuid("node_id").map { NodeID($0) }
            case "model": content.model = try reader.plain("model", limit: Limits.predictionLabelBytes)
            case "message": content.message = try reader.plain("message", limit: Limits.alertMessageBytes)
            default: throw TaskDecoder.unknown(key)
            }
        }
        try reader.finish()
        content.status = try reader.required(status, "status")
        if content.status == .failed, !content.results.isEmpty {
            throw reader.fault("results", "a failed prediction has none")
        }
        return content
    }

    private static func status(_ reader: inout MessageReader) throws(WireError) -> PredictionStatus? {
        guard let name = try reader.text("status", limit: 16) else { return nil }
        guard let status = PredictionStatus(rawValue: name) else {
            throw reader.fault("status", "expected completed or failed")
        }
        return status
    }

    private static func results(_ reader: inout MessageReader) throws(WireError) -> [PredictionResult] {
        var results: [PredictionResult] = []
        guard try reader.beginArray("results") else { return results }
        while try reader.nextElement() {
            guard results.count < Limits.predictionResults else {
                throw reader.fault("results", "more than \(Limits.predictionResults) values")
            }
            results.append(try result(&reader))
        }
        return results
    }

    private static func result(_ reader: inout MessageReader) throws(WireError) -> PredictionResult {
        var (label, confidence): (String?, Int64?)
        guard try reader.beginObject("results") else { throw reader.fault("results", "expected objects") }
        reader.scope = "results."
        while let key = try reader.nextKey() {
            switch key {
            case "label": label = try reader.plain("label", limit: Limits.predictionLabelBytes)
            case "confidence":
                confidence = try reader.fixed("confidence", decimals: 6, in: 0...1_000_000, "a number from 0 to 1")
            default: throw TaskDecoder.unknown(key)
            }
        }
        let result = PredictionResult(
            label: try reader.required(label, "label"),
            confidenceMillionths: try reader.required(confidence, "confidence"))
        reader.scope = ""
        return result
    }
}

extension MessageReader {
    /// A number to the thousandth.
    fileprivate mutating func thousandths(_ name: StaticString) throws(WireError) -> Int64? {
        // Exact in every reader of JSON.
        let most: Int64 = 1_000_000_000_000_000
        return try fixed(name, decimals: 3, in: -most...most, "a number of at most 12 digits before the point")
    }

    /// A number in parts of 10^-`decimals`.
    fileprivate mutating func fixed(
        _ name: StaticString, decimals: Int, in range: ClosedRange<Int64>, _ expected: StaticString
    ) throws(WireError) -> Int64? {
        switch try kind() {
        case .number:
            var number = JSONReader(try raw())
            guard let value = try? number.readFixed(decimals: decimals), range.contains(value) else {
                throw fault(name, "expected \(expected)")
            }
            return value
        case .null:
            try skip()
            return nil
        default: throw fault(name, "expected \(expected)")
        }
    }
}
