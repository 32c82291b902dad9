internal import Bytes
internal import Glibc
internal import Reactor

/// The program of the runner `selftest`: a bounded burn of one processor that tells its progress, and a chained mix
/// whose result shows that it was computed.
public enum SelftestProgram {
    private struct Wishes {
        var seconds: Int64 = 0
        var steps: Int64?
        var seed: Int64?
        var rounds: Int64 = 0
        var fail: Int64 = 0
        var output: String?

        /// Words of the form `--name=value`; `nil` for any other.
        init?(_ words: [String]) {
            for word in words {
                guard word.hasPrefix("--"), let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
                let value = String(word[word.utf8.index(after: equals)...])
                let name = word[..<equals].dropFirst(2)
                if name == "output" {
                    output = value
                    continue
                }
                guard let number = Int64(value) else { return nil }
                switch name {
                case "seconds" where (0...600).contains(number): seconds = number
                case "steps" where (1...10_000).contains(number): steps = number
                case "seed": seed = number
                case "rounds" where number >= 0: rounds = number
                case "fail" where (0...255).contains(number): fail = number
                default: return nil
                }
            }
        }
    }

    /// Runs it with the words behind the subcommand; the exit status.
    public static func main(_ words: [String]) -> Int32 {
        guard let wishes = Wishes(words) else {
            complain("these are no arguments of the selftest: \(words.joined(separator: " "))")
            return 64
        }
        let steps = wishes.steps ?? max(1, min(100, wishes.seconds * 2))
        let begin = Clock.monotonicNanoseconds()
        let length = UInt64(wishes.seconds) * 1_000_000_000
        var value = wishes.seed.map { UInt64(bitPattern: $0) }
        var burnt: UInt64 = 1
        var roundsDone: Int64 = 0
        for step in 1...steps {
            let due = begin + length / UInt64(steps) * UInt64(step)
            while Clock.monotonicNanoseconds() < due { burnt = Selftest.mix(burnt, rounds: 10_000) }
            if let present = value {
                let target = step == steps ? wishes.rounds : wishes.rounds / steps * step
                value = Selftest.mix(present, rounds: target - roundsDone)
                roundsDone = target
            }
            tell(step, of: steps, since: begin)
        }
        if let output = wishes.output { print(output) }
        if wishes.fail != 0 {
            complain("failing with status \(wishes.fail), as asked")
            return Int32(wishes.fail)
        }
        return writeResult(value: value, output: wishes.output, seconds: wishes.seconds) ? 0 : 74
    }

    private static func tell(_ step: Int64, of steps: Int64, since begin: UInt64) {
        guard let path = variable("NEUROGRID_PROGRESS_SOCKET"), !path.isEmpty else { return }
        let elapsed = Clock.monotonicNanoseconds() - begin
        let left = Int64(elapsed / UInt64(step)) * (steps - step) / 1_000_000_000
        let message = ProgressMessage(
            percent: Int(step * 100 / steps), stage: "burn", message: "step \(step) of \(steps)", etaSeconds: left)
        do throws(ProgressClient.Fault) {
            try ProgressClient.send(message, to: path)
        } catch {
            complain("\(error)")
        }
    }

    private static func writeResult(value: UInt64?, output: String?, seconds: Int64) -> Bool {
        guard let path = variable("NEUROGRID_OUTPUT"), !path.isEmpty else { return true }
        var writer = JSONWriter()
        writer.beginObject()
        if let value {
            let digits = (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
            writer.field("value", Hexadecimal.encode(digits))
        }
        if let output { writer.field("output", output) }
        if value == nil { writer.field("seconds", seconds) }
        writer.endObject()
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return writer.buffer.withBytes { write(descriptor, $0.baseAddress, $0.count) == $0.count }
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func complain(_ text: String) {
        let bytes = Array("selftest: \(text)\n".utf8)
        _ = write(2, bytes, bytes.count)
    }
}
