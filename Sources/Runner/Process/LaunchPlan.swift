internal import Grid

/// How one run is started: the command line, the environment and the account, from what the operator allows and what
/// the task asks for.
struct LaunchPlan: Hashable {
    var words: [String]
    /// The file that is executed.
    var path: String
    var environment: [String]
    var directory: String
    var account: UserAccount?
    var limits: EffectiveLimits
    /// What is to be run when the run has ended, whatever way.
    var removal: LaunchOrder?

    /// - Parameter devices: the UUIDs of the run's GPUs.
    init(
        _ specification: RunnerSpecification, _ assignment: RunAssignment, devices: [String], folder: RunFolder,
        progressSocket: String
    ) throws(RunFault) {
        let values = try ArgumentValues(assignment.arguments, rules: specification.arguments)
        limits = EffectiveLimits(specification.limits, assignment)
        switch specification.program {
        case .words(let templates):
            var filled: [String] = []
            for template in templates {
                guard let word = template.filled(values) else { throw .rejected("an argument is missing") }
                filled.append(word)
            }
            words = filled
            path = filled.first ?? ""
        case .command:
            path = values["program"] ?? ""
            words = try [path] + RunnerSpecification.freeWords(values)
        case .docker(let template):
            path = template.client
            words = try template.words(values, run: assignment.run, limits: limits, devices: devices)
        case .selftest(let executable):
            path = executable
            words = Selftest.words(values)
        }
        guard path.utf8.first == UInt8(ascii: "/"), words.allSatisfy({ $0.utf8.count <= Limits.runnerWordBytes }),
            words.count <= Limits.runnerWords
        else { throw .rejected("the command line is too long, or its program is no absolute path") }
        if let user = specification.user {
            guard let account = UserAccount(named: user) else { throw .spawn("there is no account \(user)") }
            self.account = account
        }
        directory = specification.workingDirectory ?? folder.work
        environment = [
            "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=\(folder.work)", "NEUROGRID_TASK_ID=\(assignment.run.task)",
            "NEUROGRID_PROGRESS_SOCKET=\(progressSocket)", "NEUROGRID_INPUT=\(folder.input)", Self.mark(folder),
            "CUDA_VISIBLE_DEVICES=\(devices.joined(separator: ","))",
        ]
        Self.set(specification.environment, in: &environment)
        if case .docker(let template) = specification.program {
            // Of the same daemon, by the same account: where that is may be said by the runner's variables. Not in the
            // run's folder, which may be gone by then.
            var order = LaunchOrder(
                path: template.client, words: template.removal(assignment.run),
                environment: ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/"], directory: "/")
            Self.set(specification.environment, in: &order.environment)
            order.account = account
            removal = order
        }
    }

    /// Adds the operator's variables; their `PATH` takes the place of ours, which is the first.
    private static func set(_ variables: [EnvironmentVariable], in environment: inout [String]) {
        for variable in variables {
            if variable.name == "PATH" {
                environment[0] = "PATH=\(variable.value)"
            } else {
                environment.append("\(variable.name)=\(variable.value)")
            }
        }
    }

    /// The variable by which the processes of a run are found, whatever became of its guard: it names this run alone.
    static func mark(_ folder: RunFolder) -> String { "NEUROGRID_OUTPUT=\(folder.output)" }

    /// What the guard is told.
    func order(joining group: ControlGroup) -> LaunchOrder {
        var order = LaunchOrder(path: path, words: words, environment: environment, directory: directory)
        order.account = account
        order.controlGroups = group.joinFiles
        // Without a group only an account of its own can be counted: its limit is on all that the account runs.
        if account != nil, let processes = limits.processes { order.processLimit = UInt64(processes) }
        return order
    }
}
