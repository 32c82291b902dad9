internal import Grid

/// What may be asked for at all, before anybody looks at the grid or at money.
enum TaskRules {
    /// Why a submission is refused for what it says; `nil` where nothing is wrong with it.
    static func refusal(of wish: TaskSubmission) -> Refusal? {
        guard isNamed(wish.owner.text, Limits.userIDBytes) else {
            return bad("A user has 1 to \(Limits.userIDBytes) bytes")
        }
        if let job = wish.job, !isNamed(job, Limits.jobIDBytes) {
            return bad("A job_id has 1 to \(Limits.jobIDBytes) bytes")
        }
        if let key = wish.key, !isNamed(key, Limits.idempotencyKeyBytes) {
            return bad("An Idempotency-Key has 1 to \(Limits.idempotencyKeyBytes) bytes")
        }
        return refusal(of: wish.specification)
    }

    private static func refusal(of task: TaskSpecification) -> Refusal? {
        guard task.runner.utf8.count <= Limits.runnerNameBytes else {
            return bad("A runner's name has at most \(Limits.runnerNameBytes) bytes")
        }
        guard task.input.utf8.count <= Limits.taskInputBytes else {
            return bad("A task's input has at most \(Limits.taskInputBytes) bytes")
        }
        guard (1...Limits.gangMembers).contains(task.gangSize) else {
            return bad("gang_size is 1 to \(Limits.gangMembers)")
        }
        guard (0...10).contains(task.priority) else { return bad("priority is 0 to 10") }
        guard (1...Limits.taskSeconds).contains(task.timeoutSeconds) else {
            return bad("timeout_seconds is 1 to \(Limits.taskSeconds)")
        }
        guard (1...Limits.taskAttempts).contains(task.attempts) else {
            return bad("attempts is 1 to \(Limits.taskAttempts)")
        }
        guard task.model?.utf8.count ?? 0 <= Limits.factBytes else {
            return bad("model has at most \(Limits.factBytes) bytes")
        }
        guard task.estimatedDurationSeconds ?? 0 >= 0 else { return bad("estimated_duration is not negative") }
        return refusal(of: task.arguments) ?? refusal(of: task.resources, runner: task.runner)
    }

    private static func refusal(of arguments: [TaskArgument]) -> Refusal? {
        guard arguments.count <= Limits.taskArguments else {
            return bad("A task has at most \(Limits.taskArguments) arguments")
        }
        for (place, argument) in arguments.enumerated() {
            guard isNamed(argument.name, Limits.argumentNameBytes), argument.name.utf8.allSatisfy(isOfName) else {
                return bad("An argument's name has 1 to \(Limits.argumentNameBytes) of a-z, 0-9 and _")
            }
            guard place == 0 || arguments[place - 1].name < argument.name else {
                return bad("An argument is given once")
            }
            if case .text(let text) = argument.value {
                guard text.utf8.count <= Limits.argumentTextBytes, !text.utf8.contains(0) else {
                    return bad(
                        "The argument \(argument.name) is longer than \(Limits.argumentTextBytes) bytes or has a NUL")
                }
            }
        }
        return nil
    }

    private static func refusal(of resources: ResourceRequest, runner: String) -> Refusal? {
        guard resources.isValid else { return bad("An amount that is asked for is out of its range") }
        guard let cap = resources.priceCapMicros, cap <= Limits.priceMicros else {
            return bad("price_cap is 0 to \(Limits.priceMicros / 1_000_000) credits")
        }
        guard resources.runner.isEmpty || resources.runner == runner else {
            return bad("The runner is asked for as it is named")
        }
        guard resources.region.utf8.count <= Limits.regionBytes else {
            return bad("region has at most \(Limits.regionBytes) bytes")
        }
        guard resources.models.count <= Limits.filterValues,
            resources.models.allSatisfy({ isNamed($0, Limits.factBytes) })
        else {
            return bad("gpu_models names at most \(Limits.filterValues) models of 1 to \(Limits.factBytes) bytes")
        }
        return nil
    }

    /// The states that an external task goes through to the one that is told of it, which is the last; none where it is
    /// that one already, `nil` where it cannot become that one. No node ever has it, so that it is never assigned.
    static func externalSteps(from state: TaskState, to told: TaskState) -> [TaskState]? {
        if state == told { return [] }
        switch (state, told) {
        case (.pending, .running), (.running, .completed), (.running, .failed), (.pending, .failed): return [told]
        case (.pending, .completed): return [.running, .completed]
        default: return nil
        }
    }

    private static func bad(_ message: String) -> Refusal { Refusal(.badRequest, message) }

    private static func isNamed(_ text: String, _ limit: Int) -> Bool { (1...limit).contains(text.utf8.count) }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
