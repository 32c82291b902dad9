internal import CLinux
internal import Glibc
internal import Grid

/// What a run has left behind where its guard could not do its work: the guard was killed, or the agent was.
enum Leftovers {
    /// Ends everything of a run, and waits until it has ended, at most so long.
    ///
    /// A guard that still lives knows all descendants and is asked first. What is left is found by the run's control
    /// groups and by the variable that only its processes were started with.
    ///
    /// - Parameter leader: the process that led its session, where that is known.
    /// - Returns: whether nothing is left.
    static func end(
        _ folder: RunFolder, _ record: RunFolder.Record, leader: Int32? = nil, patienceMilliseconds: Int
    ) -> Bool {
        let limit = now + UInt64(patienceMilliseconds) * 1_000_000
        let mark = LaunchPlan.mark(folder)
        var known: Set<Int32> = []
        var emptyPasses = 0
        while true {
            let entries = ProcessTable.all()
            var found: [ProcessEntry] = []
            let guardian = entries.first { $0.pid == record.guardPID && $0.startTicks == record.guardStartTicks }
            if let guardian, !guardian.hasEnded {
                kill(guardian.pid, SIGUSR1)
                found.append(guardian)
                // Near the end of the patience the guard goes as well, after what it should have ended.
                if now + UInt64(patienceMilliseconds) * 500_000 > limit {
                    found += ProcessTable.descendants(of: guardian.pid, in: entries)
                    for entry in found.reversed() { kill(entry.pid, SIGKILL) }
                }
            }
            ControlGroup.kill(record.controlGroups)
            for entry in entries where !entry.hasEnded && ProcessTable.hasVariable(entry.pid, mark) {
                found.append(entry)
                kill(entry.pid, SIGKILL)
            }
            // Those that had fallen to this process, as a subreaper, are its to reap, also where they had ended before.
            known.formUnion(found.map(\.pid))
            let own = getpid()
            for entry in entries where entry.hasEnded && entry.parent == own {
                if entry == guardian || entry.session == leader { known.insert(entry.pid) }
            }
            for pid in known { waitpid(pid, nil, Int32(WNOHANG)) }
            let isEmpty = found.isEmpty && record.controlGroups.allSatisfy { ControlGroup.processes($0).isEmpty }
            emptyPasses = isEmpty ? emptyPasses + 1 : 0
            // A process within execve shows no variable: what one pass does not see may be there, so two are needed.
            if isEmpty ? emptyPasses == 2 : now >= limit {
                ControlGroup.remove(record.controlGroups)
                return isEmpty
            }
            usleep(2000)
        }
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The runs that have a folder, with their records.
    static func folders(in runs: String) -> [RunFolder] {
        guard let folder = opendir(runs) else { return [] }
        defer { closedir(folder) }
        var found: [RunFolder] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let run = RunFolder.run(named: name) { found.append(RunFolder(in: runs, run)) }
        }
        return found.sorted { $0.run < $1.run }
    }
}
