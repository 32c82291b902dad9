import Bytes
import Grid
import Wire

extension FuzzTarget {
    /// What submitters write: what is taken is within its limits, holds no NUL that a program's argument would end at,
    /// and can be written again and is read as the same; what is refused names a code that clients know.
    static let taskSpecification = FuzzTarget("task-specification") { input in
        if let wish = try taken({ try RESTCodec.task(input) }) {
            try Submission.check(wish.specification)
            try require(wish.job.map(Submission.isJob) ?? true, "a job named \(wish.job ?? "")")
            let text = written { RESTCodec.encode(wish, into: &$0) }
            try requireJSON(text)
            let again = try text.withBytes { try RESTCodec.task($0) }
            try require(again == wish, "\(wish) became \(again)")
        }
        if let wish = try taken({ try RESTCodec.job(input) }) {
            try require((1...Limits.tasksPerRequest).contains(wish.specifications.count), "tasks without number")
            for specification in wish.specifications { try Submission.check(specification) }
            let text = written { RESTCodec.encode(wish, into: &$0) }
            let again = try text.withBytes { try RESTCodec.job($0) }
            try require(again == wish, "\(wish) became \(again)")
        }
    }
}

private enum Submission {
    static func check(_ task: TaskSpecification) throws(FuzzFinding) {
        try require(!task.isExternal && isText(task.runner, Limits.runnerNameBytes), "runner \(task.runner)")
        try require(task.resources.isValid && task.resources.runner == task.runner, "\(task.resources)")
        try require((0...10).contains(task.priority), "priority \(task.priority)")
        try require((1...Limits.gangMembers).contains(task.gangSize), "gang of \(task.gangSize)")
        try require((1...Limits.taskSeconds).contains(task.timeoutSeconds), "timeout \(task.timeoutSeconds)")
        try require((1...Limits.taskAttempts).contains(task.attempts), "attempts \(task.attempts)")
        try require((0...Limits.priceMicros).contains(task.resources.priceCapMicros ?? -1), "a price beyond the most")
        try require(task.input.utf8.count <= Limits.taskInputBytes, "an input of \(task.input.utf8.count) bytes")
        try require(task.arguments.count <= Limits.taskArguments, "\(task.arguments.count) arguments")
        for (one, next) in zip(task.arguments, task.arguments.dropFirst()) {
            try require(one.name < next.name, "\(one.name) before \(next.name)")
        }
        for argument in task.arguments {
            try require(isText(argument.name, Limits.argumentNameBytes), "an argument named \(argument.name)")
            guard case .text(let text) = argument.value else { continue }
            try require(text.utf8.count <= Limits.argumentTextBytes && !text.utf8.contains(0), "\(argument)")
        }
    }

    static func isJob(_ name: String) -> Bool { isText(name, Limits.jobIDBytes) }

    private static func isText(_ text: String, _ limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count) && !text.utf8.contains(0)
    }
}
