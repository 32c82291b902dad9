import Grid

/// Everything known about the machine's GPUs, by UUID: who they are, what was last read, and what troubles them.
struct GPUBoard {
    /// A call that did not come back, or that the child died in.
    struct Trouble: Hashable {
        enum Kind: Hashable {
            case hang
            case crash(NVMLWorker.Exit)
        }
        var kind: Kind
        var call: NVMLCall
        /// When the first such call began; a retry that hangs again does not move it.
        var sinceNanoseconds: UInt64
        /// When it may be tried again.
        var retryNanoseconds: UInt64
    }

    struct Entry {
        var description: GPUDescription
        /// The index in the driver's present list; ``GPUDescription/index`` stays what it was at first.
        var driverIndex: Int
        var sample: GPUSample?
        /// When ``sample`` arrived; 0 before the first.
        var readNanoseconds: UInt64 = 0
        var isLost = false
        var trouble: Trouble?
        var fault: GPUReading.Fault?
        /// Hangs and crashes in a row; forgotten after ten good minutes.
        var troubleCount = 0
        var recoveredNanoseconds: UInt64 = 0
        /// The worker that last mentioned it.
        var seenBy: UInt32 = 0
        /// From the slower tiers, told with every sample until read again.
        var fanPercent: Int?
        var uncorrectedErrors: UInt64?
    }

    /// A GPU of the driver's list that failed before it told its UUID.
    private struct Unnamed {
        var driverIndex: Int
        var trouble: Trouble?
        var fault: GPUReading.Fault?
    }

    private(set) var entries: [Entry] = []
    private var unnamed: [Unnamed] = []
    /// Rises whenever a description was added or changed.
    private(set) var revision = 0

    private static let forgetTroubleNanoseconds: UInt64 = 600_000_000_000

    subscript(place: Int) -> Entry {
        get { entries[place] }
        set { entries[place] = newValue }
    }

    /// Takes a description in and returns its place. A UUID that is known keeps its place, whatever its index now.
    mutating func place(_ description: GPUDescription, seenBy worker: UInt32) -> Int? {
        let driverIndex = description.index
        if let place = entries.firstIndex(where: { $0.description.uuid == description.uuid }) {
            var updated = description
            updated.index = entries[place].description.index
            if updated != entries[place].description {
                entries[place].description = updated
                revision += 1
            }
            entries[place].driverIndex = driverIndex
            entries[place].seenBy = worker
            return place
        }
        guard entries.count < Limits.gpusPerNode else { return nil }
        var fresh = description
        let used = Set(entries.map(\.description.index))
        if used.contains(fresh.index) {
            guard let free = (0..<Limits.gpusPerNode).first(where: { !used.contains($0) }) else { return nil }
            fresh.index = free
        }
        entries.append(Entry(description: fresh, driverIndex: driverIndex, seenBy: worker))
        revision += 1
        return entries.count - 1
    }

    /// Takes a reading in; it ends whatever troubled the GPU.
    mutating func take(_ reading: GPUReading, at place: Int, nowNanoseconds: UInt64) {
        var sample = reading.sample
        sample.index = entries[place].description.index
        if entries[place].trouble != nil { entries[place].recoveredNanoseconds = nowNanoseconds }
        entries[place].trouble = nil
        entries[place].isLost = sample.state == .lost
        entries[place].fault = reading.fault
        entries[place].readNanoseconds = nowNanoseconds
        entries[place].fanPercent = sample.fanPercent ?? entries[place].fanPercent
        entries[place].uncorrectedErrors = sample.uncorrectedErrors ?? entries[place].uncorrectedErrors
        // A tick whose processes no sample has told yet keeps them for the next.
        sample.processes = sample.processes ?? entries[place].sample?.processes
        entries[place].sample = sample
    }

    /// A call of this GPU did not come back, or killed the child.
    mutating func suffer(
        _ kind: Trouble.Kind, _ open: CallMonitor.Open, at place: Int, nowNanoseconds: UInt64,
        configuration: NVMLConfiguration
    ) {
        var entry = entries[place]
        if entry.trouble == nil, nowNanoseconds &- entry.recoveredNanoseconds > Self.forgetTroubleNanoseconds {
            entry.troubleCount = 0
        }
        let wait = min(
            configuration.retryBaseNanoseconds << UInt64(min(entry.troubleCount, 16)),
            configuration.retryCapNanoseconds)
        entry.troubleCount += 1
        let since = entry.trouble?.sinceNanoseconds ?? open.sinceNanoseconds
        entry.trouble = Trouble(
            kind: kind, call: open.call, sinceNanoseconds: since, retryNanoseconds: nowNanoseconds &+ wait)
        entries[place] = entry
    }

    /// Puts off the next try of a troubled GPU.
    mutating func postpone(_ place: Int, until retryNanoseconds: UInt64) {
        entries[place].trouble?.retryNanoseconds = retryNanoseconds
    }

    /// The driver answered a whole request and did not mention these: they have left its list.
    mutating func loseUnseen(by worker: NVMLWorker) {
        for place in entries.indices where entries[place].seenBy != worker.number && entries[place].trouble == nil {
            let index = entries[place].driverIndex
            if index >= worker.gpuCount || worker.askedMask >> UInt64(index) & 1 == 1 { entries[place].isLost = true }
        }
    }

    /// A trial was answered without a word about this one: it has left the driver's list.
    mutating func lose(_ place: Int) {
        entries[place].trouble = nil
        entries[place].isLost = true
    }

    /// The place of the GPU that the driver last listed at that index.
    func place(ofDriverIndex index: Int) -> Int? {
        entries.firstIndex { $0.driverIndex == index && !$0.isLost } ?? entries.firstIndex { $0.driverIndex == index }
    }

    /// The request's bits: every GPU of the driver's list but the troubled ones.
    mutating func healthyMask(gpuCount: Int, nowNanoseconds: UInt64) -> UInt64 {
        unnamed.removeAll { $0.trouble.map { $0.retryNanoseconds <= nowNanoseconds } ?? true }
        var mask: UInt64 = gpuCount >= 64 ? .max : (1 << UInt64(gpuCount)) - 1
        for entry in entries where entry.trouble != nil { mask &= ~(1 << UInt64(entry.driverIndex)) }
        for entry in unnamed where entry.trouble != nil { mask &= ~(1 << UInt64(entry.driverIndex)) }
        return mask
    }

    /// A GPU that never told who it is and cannot be read: only a failure can speak of it.
    mutating func takeUnnamed(_ reading: GPUReading) {
        unnamed.removeAll { $0.driverIndex == reading.sample.index }
        unnamed.append(Unnamed(driverIndex: reading.sample.index, trouble: nil, fault: reading.fault))
    }

    /// As ``suffer(_:_:at:nowNanoseconds:configuration:)``, for a GPU that never told who it is.
    mutating func shun(
        driverIndex: Int, _ kind: Trouble.Kind, _ open: CallMonitor.Open, untilNanoseconds: UInt64
    ) {
        unnamed.removeAll { $0.driverIndex == driverIndex }
        let trouble = Trouble(
            kind: kind, call: open.call, sinceNanoseconds: open.sinceNanoseconds, retryNanoseconds: untilNanoseconds)
        unnamed.append(Unnamed(driverIndex: driverIndex, trouble: trouble, fault: nil))
    }

    /// Says what this tick knows of each GPU.
    /// - Parameter open: the call that a child is in, for each place, when it has been in it for too long.
    /// - Parameter globalSinceNanoseconds: since when a call that concerns all GPUs has not come back.
    mutating func fill(
        _ sample: inout NodeSample, nowNanoseconds: UInt64, configuration: NVMLConfiguration,
        open: [Int: CallMonitor.Open], globalSinceNanoseconds: UInt64?
    ) {
        for place in entries.indices {
            var gpu = GPUSample(index: entries[place].description.index)
            let entry = entries[place]
            let age = nowNanoseconds &- min(entry.readNanoseconds, nowNanoseconds)
            let limit = configuration.intervalNanoseconds &+ configuration.graceNanoseconds
            let isFresh = entry.readNanoseconds != 0 && age <= limit
            if let stuck = entry.trouble.map(Stuck.init) ?? open[place].map(Stuck.init) {
                let stuckFor = nowNanoseconds &- min(stuck.since, nowNanoseconds)
                gpu.state = stuck.isHang && stuckFor >= configuration.hungAfterNanoseconds ? .driverHung : .stale
                sample.fail("GPU \(gpu.index): \(stuck.text(stuckFor))")
            } else if entry.isLost {
                gpu.state = .lost
                sample.fail("GPU \(gpu.index): the GPU is lost")
            } else if isFresh, let read = entry.sample {
                gpu = read
                gpu.fanPercent = entry.fanPercent
                gpu.uncorrectedErrors = entry.uncorrectedErrors
                entries[place].sample?.processes = nil
                if let fault = entry.fault {
                    sample.fail("GPU \(gpu.index): \(fault.call.symbol): \(describeNVML(code: fault.code))")
                }
            } else {
                let globalAge = globalSinceNanoseconds.map { nowNanoseconds &- min($0, nowNanoseconds) } ?? 0
                gpu.state = globalAge >= configuration.hungAfterNanoseconds ? .driverHung : .stale
            }
            gpu.memoryTotalBytes = gpu.memoryTotalBytes ?? entry.description.memoryTotalBytes
            gpu.powerLimitMilliwatts = gpu.powerLimitMilliwatts ?? entry.description.powerLimitMilliwatts
            sample.gpus.append(gpu)
        }
        for entry in unnamed {
            if let stuck = entry.trouble.map(Stuck.init) {
                sample.fail("GPU \(entry.driverIndex): \(stuck.text(nowNanoseconds &- stuck.since))")
            } else if let fault = entry.fault {
                sample.fail("GPU \(entry.driverIndex): \(fault.call.symbol): \(describeNVML(code: fault.code))")
            }
        }
    }

    private struct Stuck {
        let since: UInt64
        let isHang: Bool
        let what: String

        init(_ trouble: Trouble) {
            since = trouble.sinceNanoseconds
            switch trouble.kind {
            case .hang:
                isHang = true
                what = trouble.call.symbol
            case .crash(let exit):
                isHang = false
                what = "the NVML child ended in \(trouble.call.symbol): \(exit.text)"
            }
        }

        init(_ open: CallMonitor.Open) {
            since = open.sinceNanoseconds
            isHang = true
            what = open.call.symbol
        }

        func text(_ age: UInt64) -> String { isHang ? "\(what) has not come back for \(age / 1_000_000_000) s" : what }
    }
}

extension NodeSample {
    /// Names a GPU failure, unless the sample is full of them.
    mutating func fail(_ reason: String) {
        guard failures.count < Limits.collectorFailuresPerSample else { return }
        failures.append(ReadingFailure(collector: "gpu", reason: reason))
    }
}
