internal import Grid
internal import Hub

/// The rules of a history's end: everything that was acknowledged is there, everything has ended, and what the Hub
/// answers is what the sequential model expects.
extension World {
    func checkEnd() {
        checkLiveness()
        checkAcknowledged()
        let model = Model(book: watch.stored, configuration: plan.configuration)
        for fault in model.faults { violate(fault.code, fault.words) }
        checkAnswers(model)
    }

    private func checkLiveness() {
        let bound = plan.patience / Plan.second
        for task in watch.emitted.tasks.values.sorted(by: { $0.number < $1.number })
        where task.isWatched && !task.state.isTerminal {
            let nodes = task.leases.map { watch.machines[$0.node].map { "\($0.index)" } ?? "?" }
            violate(
                "T8",
                "\(text(task.id)) is \(task.state) on \(nodes), epoch \(task.epoch), \(bound) s after all was healed")
        }
        for agent in agents {
            if let run = agent.runs.first(where: { $0.isAlive && !isCheck($0.id) }) {
                violate("T8", "node \(agent.index) runs \(text(run.id)) \(bound) s after all was healed")
            }
            if let kept = agent.journal.first(where: { !$0.isSettled && !isCheck($0.run) }) {
                violate("T8", "node \(agent.index) was never told that \(text(kept.run)) is settled")
            }
        }
        if watch.emitted.tasks.values.reduce(0, { $0 + ($1.isWatched ? 1 : 0) }) == 0 {
            violate("S3", "no task was ever accepted")
        }
    }

    private func checkAcknowledged() {
        let book = watch.stored
        for submission in clients.submissions {
            for (place, id) in submission.tasks.enumerated() {
                guard let task = book.tasks[id] else {
                    violate("T1", "the acknowledged task \(text(id)) is gone")
                    continue
                }
                if task.owner != submission.owner || task.specification != submission.specifications[place]
                    || task.key != submission.keys?[place]
                {
                    violate("T1", "the acknowledged task \(text(id)) is another one now")
                }
            }
            // However often it was repeated: one of the tasks that were drawn for a wish exists, or none.
            guard submission.keys != nil else { continue }
            for place in submission.specifications.indices {
                let made = submission.drawn.filter { book.tasks[$0[place]] != nil }.count
                if made > 1 { violate("L4", "\(submission.keys?[place] ?? "") made \(made) tasks") }
            }
        }
        for id in clients.cancelled.sorted() where book.tasks[id]?.state != .cancelled {
            violate("T5", "\(text(id)) was acknowledged as cancelled")
        }
        for deposit in clients.deposits where deposit.isAcknowledged {
            let key = "\(deposit.key)-\(deposit.currency)"
            let made = book.transfers.filter { $0.key == key && $0.credit == .available(deposit.user) }
            if made.count != 1 { violate("L4", "the acknowledged deposit \(key) was made \(made.count) times") }
        }
    }

    /// Asks the Hub, as a client would, and compares.
    private func checkAnswers(_ model: Model) {
        guard violation == nil else { return }
        for (user, balances) in model.expectedBalances {
            guard case .balances(_, let answered)? = ask(.balances(user, Clients.admin)) else {
                return violate("L5", "no answer to the balances of \(user)")
            }
            for balance in balances {
                let told = answered.first { $0.currency == balance.currency }
                if told != balance, balance.totalMicros != 0 || (told?.totalMicros ?? 0) != 0 {
                    violate("L5", "\(user) should have \(balance), and has \(told.map { "\($0)" } ?? "nothing")")
                }
            }
        }
        for task in watch.stored.tasks.values.sorted(by: { $0.number < $1.number }) {
            guard case .task(let told?)? = ask(.task(.id(task.id), Clients.admin)) else {
                return violate("T1", "\(text(task.id)) is on disk, and the Hub does not know it")
            }
            if told.record != task { violate("T1", "\(text(task.id)) is otherwise on disk than the Hub says") }
        }
    }

    private func ask(_ query: Query) -> Answer? {
        var effects: [Effect] = []
        let request = RequestID(session: SessionID(bits: 3), number: 1)
        coordinator.hub?.apply(.query(request, query), now: hubNow, effects: &effects)
        for case .answer(request, let answer) in effects { return answer }
        return nil
    }
}
