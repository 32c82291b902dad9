import Bytes
import Grid

/// The three fields by which every message about a run names it, as far as they were read.
struct RunReader {
    private var task: UUID128?
    private var epoch: UInt64?
    private var member: Int?

    /// Reads the value of `key` if it is one of the three.
    mutating func take(_ key: JSONText, _ reader: inout MessageReader) throws(WireError) -> Bool {
        switch key {
        case "task": task = try reader.uuid("task")
        case "epoch": epoch = try reader.whole("epoch", in: TaskRanges.epoch)
        case "member": member = try reader.whole("member", in: TaskRanges.member)
        default: return false
        }
        return true
    }

    /// The run, once its object was read.
    func run(_ reader: MessageReader) throws(WireError) -> RunID {
        RunID(
            task: TaskID(try reader.required(task, "task")), epoch: try reader.required(epoch, "epoch"),
            member: try reader.required(member, "member"))
    }
}
