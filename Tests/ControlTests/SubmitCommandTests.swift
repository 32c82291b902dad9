import Bytes
import Service
import Testing

@testable import neurogridctl

@Suite struct SubmitCommandTests {
    private func arguments(_ command: Command, _ words: [String]) throws -> Arguments {
        let program = Program(name: "p", summary: "", version: "", commands: [command])
        guard case .run(let arguments) = try program.parse([command.name] + words) else { throw NotRun() }
        return arguments
    }

    private struct NotRun: Error {}

    private func body(_ words: String..., input: String? = nil) throws -> String {
        try SubmitCommand.body(
            try arguments(SubmitCommand.command, ["--runner", "selftest"] + words), input: input.map { Array($0.utf8) }
        ).text
    }

    @Test func onlyWhatIsSaidIsSent() throws {
        #expect(try body() == #"{"runner":"selftest","arguments":{}}"#)
    }

    @Test func everyFlagHasItsField() throws {
        let text = try body(
            "--gpus", "2", "--model", "A", "--model", "B", "--vram", "1024", "--cpu", "1.5", "--memory", "512",
            "--region", "eu", "--price-cap", "0.75", "--priority", "7", "--timeout", "10m", "--attempts", "3", "--gang",
            "4", "--currency", "NEURO", "--job", "j", input: #"{"a":1}"#)
        #expect(
            text == #"{"runner":"selftest","arguments":{},"input":{"a":1},"gpu_count":2,"gpu_models":["A","B"],"#
                + #""vram_mib":1024,"cpu_milli":1500,"memory_mib":512,"region":"eu","price_cap":0.75,"priority":7,"#
                + #""timeout_seconds":600,"attempts":3,"gang_size":4,"currency":"NEURO","job_id":"j"}"#)
        #expect(try body("--gpu-milli", "250").contains(#""gpu_milli":250"#))
    }

    @Test func argumentsAreWhatTheyLookLike() throws {
        let text = try body(
            "--arg", "n=5", "--arg", "z=007", "--arg", "p=+5", "--arg", "t=true", "--arg", #"q="5""#, "--arg", "e=",
            "--arg", "x=a=b; $(id)",
            "--arg", "y=\u{301}=", "--arg", "w=\"\u{301}\"")
        #expect(
            text.contains(
                #""arguments":{"n":5,"z":"007","p":"+5","t":true,"q":"5","e":"","x":"a=b; $(id)","#
                    + #""y":"\#u{301}=","w":"\#u{301}"}"#))
    }

    @Test(arguments: [["--arg", "5"], ["--arg", "=5"], ["--price-cap", "1e3"], ["--price-cap", "1001"]])
    func whatIsNotAsTheFlagsSayIsRefused(words: [String]) throws {
        let arguments = try arguments(SubmitCommand.command, ["--runner", "r"] + words)
        #expect(throws: UsageFault.self) { try SubmitCommand.body(arguments, input: nil) }
    }

    @Test func anInputIsOneValue() {
        for text in ["1", " {} ", "[1,2]", "\"x\"", "null"] { #expect(SubmitCommand.isJSON(Array(text.utf8))) }
        // The second would be a field of the task.
        for text in ["", "1,\"runner\":\"x\"", "{", "x"] { #expect(!SubmitCommand.isJSON(Array(text.utf8))) }
    }

    @Test func namesInTargetsAreEscaped() throws {
        #expect("a b/c?d&e=é%".percentEncoded == "a%20b%2Fc%3Fd%26e%3D%C3%A9%25")
        #expect("..".percentEncoded == "%2E%2E" && "a.b-c_d~1".percentEncoded == "a.b-c_d~1")
        let list = try arguments(TasksCommand.command, ["--state", "running,failed", "--job", "a&b", "--user", "u"])
        #expect(
            TasksCommand.target(list, limit: 5, cursor: "7")
                == "/api/v1/tasks?limit=5&state=running,failed&job=a%26b&user_id=u&cursor=7")
        let task = try arguments(TaskCommand.command, ["7"])
        #expect(TaskCommand.target(task) == "/api/v1/tasks/7")
    }

    @Test func aTokenNamesItsBearer() {
        // {"alg":"none"} . {"permissions":["a"],"sub":"user 1"}
        #expect(
            BalancesCommand.bearer(
                of: "eyJhbGciOiJub25lIn0.eyJwZXJtaXNzaW9ucyI6WyJhIl0sInN1YiI6InVzZXIgMSJ9.x") == "user 1")
        for token in ["", "a.b", "a.b.c", "..", "eyJhbGciOiJub25lIn0.W10.x"] {
            #expect(BalancesCommand.bearer(of: token) == nil)
        }
    }
}
