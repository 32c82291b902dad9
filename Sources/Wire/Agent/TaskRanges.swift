import Grid

/// What the numbers of a task's messages may be.
enum TaskRanges {
    /// Epochs are counted from 1, and stored as signed words.
    static let epoch = 1...UInt64(Int64.max)
    static let member = 0...Limits.gangMembers - 1
    static let milliPerGPU = 0...1000
    /// Thousandths of cores, and MiB of memory: as ``ResourceRequest/isValid`` has them.
    static let amount = 0...Int(Int32.max)
    static let timeoutSeconds = 1...Limits.taskSeconds
    static let gangSize = 1...Limits.gangMembers
    static let leaseMilliseconds = 1...Limits.taskSeconds * 1000
    static let sequence = 1...UInt64(Int64.max)
    static let percent = 0...100
    static let etaSeconds = 0...Limits.taskSeconds
    static let logOffset = 0...UInt64(Int64.max)
    static let exitStatus = 0...255
    static let signal = 1...64
    /// A run that is being ended has a while beyond its time.
    static let ranMilliseconds = 0...2 * Limits.taskSeconds * 1000
}
