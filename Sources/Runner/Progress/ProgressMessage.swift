internal import Bytes
internal import Grid

/// A line by which a task tells how far it is: `{"percent":65,"stage":"train","message":"…","eta_seconds":45}`.
public struct ProgressMessage: Hashable, Sendable {
    /// 0 to 100; a fraction is cut off.
    public var percent: Int
    /// At most ``Limits/stageBytes`` bytes.
    public var stage: String?
    /// At most ``Limits/taskMessageBytes`` bytes.
    public var message: String?
    public var etaSeconds: Int64?

    public init(percent: Int, stage: String? = nil, message: String? = nil, etaSeconds: Int64? = nil) {
        self.percent = percent
        self.stage = stage
        self.message = message
        self.etaSeconds = etaSeconds
    }

    /// Why a line is none. The description is the answer to its sender.
    public struct Fault: Error, Hashable, Sendable {
        public var reason: String
    }

    /// Reads one line. Unknown keys are ignored, so that a newer program can talk to an older agent.
    public init(_ line: UnsafeRawBufferPointer) throws(Fault) {
        var percent: Double?
        var stage: String?
        var message: String?
        var eta: Double?
        do throws(JSONError) {
            var reader = JSONReader(line, maximumDepth: 4)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if try reader.readNull() { continue }
                switch key {
                case "percent": percent = try reader.readDouble()
                case "stage": stage = try reader.readString()
                case "message": message = try reader.readString()
                case "eta_seconds": eta = try reader.readDouble()
                default: try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            throw Fault(reason: "not a JSON object with percent, stage, message and eta_seconds: \(error)")
        }
        guard let percent, percent >= 0, percent <= 100 else {
            throw Fault(reason: "percent is no number from 0 to 100")
        }
        if let stage, stage.utf8.count > Limits.stageBytes {
            throw Fault(reason: "stage is longer than \(Limits.stageBytes) bytes")
        }
        if let message, message.utf8.count > Limits.taskMessageBytes {
            throw Fault(reason: "message is longer than \(Limits.taskMessageBytes) bytes")
        }
        if let eta, !(eta >= 0 && eta <= Double(Limits.taskSeconds)) {
            throw Fault(reason: "eta_seconds is no number from 0 to \(Limits.taskSeconds)")
        }
        self.init(percent: Int(percent), stage: stage, message: message, etaSeconds: eta.map { Int64($0.rounded(.up)) })
    }

    /// The line.
    var line: ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("percent", percent)
        if let stage { writer.field("stage", stage) }
        if let message { writer.field("message", message) }
        if let etaSeconds { writer.field("eta_seconds", etaSeconds) }
        writer.endObject()
        return writer.buffer
    }
}
