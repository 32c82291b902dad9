import Bytes
import Glibc
import Grid
import Reactor
import Runner

/// `fuzz STATE_DIR SEED COUNT`: lets tasks with made-up arguments run by three allow-listed runners, and tells on a
/// line each which arguments they had and what became of them. `Tests/Campaigns/execve.py` compares that with what the
/// kernel was asked to execute.
final class Fuzzing {
    private var state: UInt64
    private let loop: EventLoop
    private let host: RunnerHost
    private var open = 0

    static let runners: [RunnerSpecification] = {
        let words = ["/bin/echo", "--text={text}", "{word}", "n{number}", "{flag}{text}"]
        guard let templates = try? words.map({ try WordTemplate($0) }) else { return [] }
        return [
            RunnerSpecification(
                name: "echo", program: .words(templates),
                arguments: [
                    ArgumentRule("text", .text(maximumBytes: 200, .any, mayBeginWithHyphen: true)),
                    ArgumentRule("word", .text(maximumBytes: 20, .word, mayBeginWithHyphen: false)),
                    ArgumentRule("number", .integer(-5...100)), ArgumentRule("flag", .boolean),
                ]),
            RunnerSpecification(name: "command", program: .command(["/bin/echo", "/bin/true"])),
            RunnerSpecification.selftest(executable: "/proc/self/exe"),
        ]
    }()

    private static let pieces = [
        "a", "0", "-", "--", " ", "\n", ";", "$(id)", "`id`", "|", "&&", "../..", "/bin/sh", "/bin/true", "/bin/echo",
        "{text}",
        "{{", "}", "\"", "'", "\\", "*", "~", "\u{7F}", "ü", "😀", "\0", "%s", "#", "-c", "LD_PRELOAD=x", "=", "\t",
        "word",
    ]
    private static let names = [
        "text", "word", "number", "flag", "program", "argument_1", "argument_2", "argument_3", "argv", "seed", "rounds",
        "fail", "output", "seconds",
    ]

    init(folder: String, seed: UInt64) throws {
        state = seed
        loop = try EventLoop()
        RunnerHost.adoptOrphans()
        host = try RunnerHost(stateDirectory: folder, isShared: false, on: loop)
    }

    private func draw(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Int(Selftest.mix(state, rounds: 1) % UInt64(bound))
    }

    private func text() -> String { (0..<draw(6)).map { _ in Self.pieces[draw(Self.pieces.count)] }.joined() }

    private func value(_ name: String) -> ArgumentValue {
        // Mostly of the kind that the argument has, so that many are let through.
        if draw(8) == 0 { return [.text(text()), .boolean(true), .integer(Int64(draw(1000)) - 500)][draw(3)] }
        switch name {
        case "number": return .integer(Int64(draw(110)) - 8)
        case "flag": return .boolean(draw(2) == 0)
        case "word": return .text(draw(3) == 0 ? text() : "w\(draw(1000))")
        case "program": return .text(["/bin/echo", "/bin/true", "/bin/sh", "echo", text()][draw(5)])
        case "seed", "rounds": return .integer(Int64(draw(2000)))
        case "fail", "seconds": return .integer(draw(4) == 0 ? 9999 : 0)
        default: return .text(text())
        }
    }

    private func arguments(_ runner: RunnerSpecification) -> [TaskArgument] {
        var names = runner.arguments.filter { $0.isRequired ? draw(20) != 0 : draw(6) == 0 }.map(\.name)
        if runner.name == "command" {
            names = draw(20) == 0 ? [] : ["program", "argument_1", "argument_2"].prefix(1 + draw(3)).map { $0 }
        }
        if draw(10) == 0 { names.append(Self.names[draw(Self.names.count)]) }
        return names.map { TaskArgument(name: $0, value: value($0)) }
    }

    func run(count: Int) {
        for number in 0..<count {
            let runner = Self.runners[draw(Self.runners.count)]
            let given = arguments(runner)
            let assignment = RunAssignment(
                run: RunID(task: TaskID(UUID128(high: 9, low: UInt64(number))), epoch: 1, member: 0),
                runner: runner.name,
                arguments: given, input: "", gpus: 0, milliPerGPU: 0, cpuMilli: 0, memoryMebibytes: 0,
                timeoutSeconds: 60, gangSize: 1, leaseMilliseconds: 30_000)
            do throws(RunFault) {
                _ = try host.start(assignment, by: runner, devices: []) { [unowned self] _, event in
                    guard case .ended(let outcome) = event else { return }
                    open -= 1
                    tell(runner.name, given, outcome.fault?.rawValue ?? "none")
                    host.forget(assignment.run)
                }
                open += 1
            } catch {
                tell(runner.name, given, error.fault.rawValue)
            }
            while open >= 8 { loop.runOnce(timeoutMilliseconds: 100) }
        }
        while open > 0 { loop.runOnce(timeoutMilliseconds: 100) }
        host.close()
        loop.close()
    }

    private func tell(_ runner: String, _ arguments: [TaskArgument], _ fault: String) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("runner", runner)
        writer.field("fault", fault)
        writer.key("arguments")
        writer.beginArray()
        for argument in arguments {
            writer.beginArray()
            writer.string(argument.name)
            switch argument.value {
            case .text(let text): writer.string(text)
            case .integer(let number): writer.int(number)
            case .boolean(let flag): writer.bool(flag)
            }
            writer.endArray()
        }
        writer.endArray()
        writer.endObject()
        say(writer.buffer.text + "\n")
    }
}

func fuzz(_ words: [String]) -> Int32 {
    guard words.count == 3, let seed = UInt64(words[1]), let count = Int(words[2]) else { return 64 }
    do {
        try Fuzzing(folder: words[0], seed: seed).run(count: count)
        return 0
    } catch {
        say("\(error)\n")
        return 70
    }
}
