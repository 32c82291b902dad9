internal import Grid
internal import Hub

/// What a history with cheaters came to: who was paid for what, and what it cost to find out. From the ledger and from
/// what really happened on the machines; nothing that the Hub thinks of anybody enters.
struct FraudBill: Sendable {
    /// Paid to providers, in micro-units; and of that for results that nobody computed.
    var paidMicros: Int64 = 0
    var fraudMicros: Int64 = 0
    /// Of it for the time that a slow GPU took beyond the one that was sold.
    var slowMicros: Int64 = 0
    /// GPU time of results that were computed and paid for, and of copies and challenges, in milliseconds
    /// times thousandths of a GPU. A check without a GPU counts as if it had one.
    var usefulTime: UInt64 = 0
    var checkTime: UInt64 = 0
    var tasks = 0
    var paidTasks = 0
    var fraudTasks = 0
    /// Ended unpaid, since the results contradict each other.
    var disputedTasks = 0
    var checks = 0
    var cheaters = 0
    var cheatersOut = 0
    var honestOut = 0
    var virtualSeconds: UInt64 = 0
    /// Of cheaters: `of all kinds`, or the one there is.
    var kinds = ""

    /// In hundredths of a percent, rounded up.
    var fraudBasisPoints: Int64 { Self.share(fraudMicros, paidMicros) }
    var overheadBasisPoints: Int64 { Self.share(Int64(checkTime / 1000), Int64(usefulTime / 1000)) }
    var slowBasisPoints: Int64 { Self.share(slowMicros, paidMicros) }

    private static func share(_ part: Int64, _ whole: Int64) -> Int64 {
        whole == 0 ? 0 : (part * 10_000 + whole - 1) / whole
    }
}

extension World {
    func fraudBill() -> FraudBill {
        var bill = FraudBill()
        let book = watch.stored
        for transfer in book.transfers where transfer.kind == .payment {
            guard let id = transfer.task, let task = book.tasks[id], let lease = task.leases.first else { continue }
            let run = RunID(task: id, epoch: task.epoch, member: 0)
            bill.paidMicros += transfer.amountMicros
            bill.paidTasks += 1
            if ground.invented.contains(run) {
                bill.fraudMicros += transfer.amountMicros
                bill.fraudTasks += 1
                continue
            }
            bill.usefulTime += ground.gpuTime[run] ?? 0
            if let index = watch.machines[lease.node]?.index, agents[index].traits.cheat?.kind == .sellsSlow {
                bill.slowMicros += transfer.amountMicros * Int64(Cheat.slowness - 1) / Int64(Cheat.slowness)
            }
        }
        for task in book.tasks.values {
            if task.isCheck { bill.checks += 1 } else { bill.tasks += 1 }
            if task.result?.fault == .resultsDisagree { bill.disputedTasks += 1 }
        }
        for (run, time) in ground.gpuTime where isCheck(run) { bill.checkTime += time }
        for agent in agents {
            let isOut = watch.stored.trust[agent.node]?.quarantine != nil
            if agent.traits.cheat != nil { bill.cheaters += 1 }
            if isOut, agent.traits.cheat != nil { bill.cheatersOut += 1 }
            if isOut, agent.traits.cheat == nil { bill.honestOut += 1 }
        }
        let kinds = Set(agents.compactMap(\.traits.cheat?.kind.rawValue))
        bill.kinds = kinds.count == 1 ? kinds.joined() : "of all kinds"
        bill.virtualSeconds = (now - Plan.start) / Plan.second
        return bill
    }
}
