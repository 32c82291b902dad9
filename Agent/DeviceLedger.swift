internal import Grid

/// Which of this machine's GPUs are taken by runs: a whole one by one run alone, parts of one by several up to the
/// whole.
struct DeviceLedger {
    /// Thousandths taken, by the index of the GPU.
    private var taken: [Int: Int] = [:]
    private var runs: [RunID: (gpus: [Int], milli: Int)] = [:]

    /// The thousandths that are taken of a GPU.
    func takenMilli(_ index: Int) -> Int { taken[index] ?? 0 }

    /// Takes what a run was given; the reason where that is not there.
    ///
    /// - Parameter known: the GPUs of this machine by their index.
    mutating func take(_ assignment: RunAssignment, known: Set<Int>) -> String? {
        guard runs[assignment.run] == nil else { return nil }
        let gpus = (0..<UInt64.bitWidth).filter { assignment.gpus & (1 << UInt64($0)) != 0 }
        let milli = assignment.milliPerGPU
        guard gpus.isEmpty || (1...1000).contains(milli) else { return "\(milli) thousandths of a GPU are no share" }
        for index in gpus {
            guard known.contains(index) else { return "this machine has no GPU \(index)" }
            guard takenMilli(index) + milli <= 1000 else {
                return "GPU \(index) has \(1000 - takenMilli(index)) thousandths free, not \(milli)"
            }
        }
        for index in gpus { taken[index, default: 0] += milli }
        runs[assignment.run] = (gpus, milli)
        return nil
    }

    /// Gives back what a run had.
    mutating func release(_ run: RunID) {
        guard let held = runs.removeValue(forKey: run) else { return }
        for index in held.gpus {
            taken[index, default: 0] -= held.milli
            if taken[index] == 0 { taken[index] = nil }
        }
    }
}
