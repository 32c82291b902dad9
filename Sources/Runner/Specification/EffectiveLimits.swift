internal import Grid

/// What one run may use: the stricter of what its runner allows and what its task asked for.
struct EffectiveLimits: Hashable {
    var memoryMebibytes: Int?
    var cpuMilli: Int?
    var processes: Int?
    var outputBytes: Int
    var timeNanoseconds: UInt64

    init(_ limits: RunnerLimits, _ assignment: RunAssignment) {
        memoryMebibytes = Self.stricter(limits.memoryMebibytes, assignment.memoryMebibytes)
        cpuMilli = Self.stricter(limits.cpuMilli, assignment.cpuMilli)
        processes = limits.processes
        outputBytes = limits.outputBytes
        let asked = UInt64(max(1, min(assignment.timeoutSeconds, Limits.taskSeconds))) * 1_000_000_000
        timeNanoseconds = min(limits.timeNanoseconds ?? .max, asked)
    }

    /// 0 asks for nothing.
    private static func stricter(_ allowed: Int?, _ asked: Int) -> Int? {
        guard asked > 0 else { return allowed }
        return min(allowed ?? .max, asked)
    }
}
