import Grid
import Testing

@testable import Runner

@Suite struct WordTemplateTests {
    private func values(_ texts: [String: String]) throws -> ArgumentValues {
        try ArgumentValues(
            texts.map { TaskArgument(name: $0.key, value: .text($0.value)) },
            rules: texts.keys.map {
                ArgumentRule($0, .text(maximumBytes: 4096, .any, mayBeginWithHyphen: true))
            })
    }

    @Test func placeholdersAreFilledOnce() throws {
        let template = try WordTemplate("--{{x}}={a}-{b}{a}")
        #expect(template.names == ["a", "b", "a"])
        // A value is never looked at again, whatever it holds.
        #expect(template.filled(try values(["a": "{b}", "b": "$(id) `x` ; 'y'"])) == "--{x}={b}-$(id) `x` ; 'y'{b}")
        #expect(template.filled(try values(["a": "1"])) == nil)
        #expect(try WordTemplate("").filled(try values([:])) == "")
    }

    @Test(arguments: ["{", "a{b", "}", "{}", "{A}", "{a b}", "{a-b}", "\0"]) func whatIsNoTemplate(word: String) {
        #expect(throws: WordTemplate.Fault.self) { try WordTemplate(word) }
    }
}

@Suite struct ArgumentRuleTests {
    private func text(_ kind: ArgumentKind, _ value: ArgumentValue) -> String? {
        try? ArgumentRule("x", kind).text(of: value)
    }

    @Test func integersKeepTheirRange() {
        #expect(text(.integer(-3...5), .integer(-3)) == "-3" && text(.integer(-3...5), .integer(5)) == "5")
        for value: ArgumentValue in [.integer(-4), .integer(6), .text("1"), .boolean(true)] {
            #expect(text(.integer(-3...5), value) == nil)
        }
        #expect(text(.integer(.min ... .max), .integer(.min)) == "-9223372036854775808")
    }

    @Test func textsKeepTheirCharactersAndLength() {
        let word = ArgumentKind.text(maximumBytes: 5, .word, mayBeginWithHyphen: false)
        #expect(text(word, .text("a_B.9")) == "a_B.9")
        for bad in ["", "a b", "a/b", "ä", "-a", "abcdef", "a\0", "a\n"] where !bad.isEmpty {
            #expect(text(word, .text(bad)) == nil, "\(bad)")
        }
        let any = ArgumentKind.text(maximumBytes: 100, .any, mayBeginWithHyphen: true)
        #expect(text(any, .text("-x\n\u{1B}ü")) == "-x\n\u{1B}ü" && text(any, .text("a\0b")) == nil)
        let printable = ArgumentKind.text(maximumBytes: 100, .printable, mayBeginWithHyphen: false)
        #expect(text(printable, .text("a b; ü")) == "a b; ü")
        for bad in ["a\nb", "a\u{7F}", "a\u{85}"] { #expect(text(printable, .text(bad)) == nil) }
        // A hyphen under an accent is still the first byte of an option.
        #expect(text(printable, .text("-\u{301}x")) == nil)
        let digits = ArgumentKind.text(maximumBytes: 100, .digits, mayBeginWithHyphen: false)
        #expect(text(digits, .text("0123")) == "0123" && text(digits, .text("٣")) == nil)
    }

    @Test func choicesAndBooleans() {
        #expect(text(.choice(["a", "b"]), .text("b")) == "b" && text(.choice(["a"]), .text("A")) == nil)
        // One accent written in two ways: one text for String, two files for the kernel.
        #expect(
            text(.choice(["\u{E9}"]), .text("\u{E9}")) == "\u{E9}"
                && text(.choice(["\u{E9}"]), .text("e\u{301}")) == nil)
        #expect(text(.boolean, .boolean(false)) == "false" && text(.boolean, .text("true")) == nil)
    }

    @Test func unknownMissingAndDoubledArgumentsAreRejected() {
        let rules = [ArgumentRule("a", .boolean), ArgumentRule("b", .boolean, isRequired: false)]
        let given = TaskArgument(name: "a", value: .boolean(true))
        #expect(throws: Never.self) { try ArgumentValues([given], rules: rules) }
        #expect(throws: RunFault.rejected("argument a: is missing")) { try ArgumentValues([], rules: rules) }
        #expect(throws: RunFault.rejected("argument a: given twice")) {
            try ArgumentValues([given, given], rules: rules)
        }
        #expect(throws: RunFault.rejected("argument c: this runner has no such argument")) {
            try ArgumentValues([given, TaskArgument(name: "c", value: .integer(1))], rules: rules)
        }
    }
}

@Suite struct RunnerSpecificationTests {
    private let folder = RunFolder(
        in: "/state/runs", RunID(task: TaskID(UUID128(high: 1, low: 1)), epoch: 2, member: 0))

    private func plan(
        _ runner: RunnerSpecification, _ arguments: [TaskArgument], devices: [String] = [], memory: Int = 0
    ) throws -> LaunchPlan {
        var assignment = RunnerScene.assignment(1, arguments: arguments)
        assignment.memoryMebibytes = memory
        return try LaunchPlan(
            runner, assignment, devices: devices, folder: folder, progressSocket: "/state/progress.sock")
    }

    @Test func aCommandIsOneOfTheAllowedPrograms() throws {
        let runner = RunnerSpecification(name: "command", program: .command(["/usr/bin/nvidia-smi", "/bin/true"]))
        let given = [
            TaskArgument(name: "program", value: .text("/usr/bin/nvidia-smi")),
            TaskArgument(name: "argument_1", value: .text("-q")),
            TaskArgument(name: "argument_2", value: .text("a; b")),
        ]
        #expect(try plan(runner, given).words == ["/usr/bin/nvidia-smi", "-q", "a; b"])
        #expect(throws: RunFault.self) {
            try plan(runner, [TaskArgument(name: "program", value: .text("/bin/sh"))])
        }
        #expect(throws: RunFault.rejected("argument argument_1: is missing before a later one")) {
            try plan(runner, [given[0], given[2]])
        }
    }

    @Test func aContainerIsBoundHandAndFoot() throws {
        var runner = RunnerSpecification(name: "docker", program: .docker(DockerTemplate(images: ["cuda:12"])))
        runner.limits.cpuMilli = 1050
        runner.limits.processes = 64
        let made = try plan(
            runner,
            [
                TaskArgument(name: "image", value: .text("cuda:12")),
                TaskArgument(name: "argument_1", value: .text("--privileged")),
            ], devices: ["GPU-a", "GPU-b"], memory: 512)
        let words = made.words.joined(separator: " ")
        #expect(words.hasPrefix("/usr/bin/docker run --rm --init --name neurogrid-"))
        #expect(words.contains("--network none --cap-drop ALL --security-opt no-new-privileges --pids-limit 64"))
        #expect(words.contains("--memory 512m --memory-swap 512m --cpus 1.050 --gpus \"device=GPU-a,GPU-b\""))
        // What the task says stands behind the end of the client's options.
        #expect(words.hasSuffix(" -- cuda:12 --privileged"))
        #expect(made.removal?.words.suffix(1) == [DockerTemplate.container(RunnerScene.assignment(1).run)])
        #expect(throws: RunFault.self) { try plan(runner, [TaskArgument(name: "image", value: .text("other"))]) }
    }

    @Test func whatAnOperatorGotWrongIsSaid() throws {
        func fault(_ words: [String], _ rules: [ArgumentRule]) throws -> String? {
            RunnerSpecification(name: "x", program: .words(try words.map { try WordTemplate($0) }), arguments: rules)
                .fault
        }
        let rule = ArgumentRule("a", .boolean)
        #expect(try fault(["/bin/x", "{a}"], [rule]) == nil)
        #expect(try fault(["/bin/x", "{b}"], [rule])?.contains("{b}") == true)
        #expect(try fault(["/bin/x"], [rule])?.contains("does not use") == true)
        #expect(try fault(["/bin/{a}"], [rule])?.contains("program") == true)
    }

    @Test func theStricterLimitCounts() {
        var limits = RunnerLimits()
        limits.memoryMebibytes = 100
        limits.timeNanoseconds = 5_000_000_000
        var assignment = RunnerScene.assignment(1, timeoutSeconds: 9)
        assignment.memoryMebibytes = 200
        assignment.cpuMilli = 500
        let both = EffectiveLimits(limits, assignment)
        #expect(both.memoryMebibytes == 100 && both.cpuMilli == 500 && both.timeNanoseconds == 5_000_000_000)
        assignment.memoryMebibytes = 50
        #expect(EffectiveLimits(limits, assignment).memoryMebibytes == 50)
        #expect(EffectiveLimits(RunnerLimits(), assignment).timeNanoseconds == 9_000_000_000)
    }

    /// Values computed by hand with the published SplitMix64: the first output of seed 0 is its well-known one.
    @Test func theMixIsSplitMix64Chained() {
        #expect(Selftest.mix(0, rounds: 0) == 0)
        #expect(Selftest.mix(0, rounds: 1) == 0xE220_A839_7B1D_CDAF)
        #expect(Selftest.mix(0, rounds: 2) == Selftest.mix(0xE220_A839_7B1D_CDAF, rounds: 1))
    }
}
