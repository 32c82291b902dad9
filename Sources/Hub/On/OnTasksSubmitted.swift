internal import Grid

extension Hub {
    /// Tasks are wished for together: all of them are stored, told and put in line, or none is, and the answer tells
    /// why.
    mutating func onTasksSubmitted(
        _ request: RequestID, _ wishes: [TaskSubmission], _ now: Now, _ effects: inout [Effect]
    ) {
        guard !isDraining else {
            let refusal = Refusal(.unavailable, "The coordinator is stopping")
            return effects.append(.answer(request, .refused(refusal)))
        }
        let granted: [Grant]
        do {
            granted = try grants(for: wishes)
        } catch {
            return effects.append(.answer(request, .refused(error)))
        }
        for wish in wishes.prefix(1) { analytics.noteUser(wish.owner, now) }
        var slots: [Int32] = []
        for grant in granted {
            switch grant {
            case .known(let slot): slots.append(slot)
            case .new(let wish, let holdMicros):
                slots.append(create(wish, among: wishes.count, holdMicros: holdMicros, now, &effects))
            }
        }
        let summaries = slots.map { summary($0) }.sorted { $0.record.number < $1.record.number }
        if PlantedBug.isActive(.answerBeforeCommit) {
            return effects.insert(.answer(request, .submitted(summaries)), at: 0)
        }
        effects.append(.answer(request, .submitted(summaries)))
    }
}
