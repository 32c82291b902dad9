internal import Bytes
internal import Probe
internal import Service

/// `scan`: one report of this machine and its verdict.
enum ScanCommand {
    static let command = Command(
        "scan", summary: "Report on this machine once; exit 0 healthy, 1 degraded, 2 unhealthy.",
        flags: [Flag("json", .bool, meaning: "print JSON")])

    static func run(_ arguments: Arguments) -> Never {
        do {
            let report = try ScanReport.take()
            if arguments.isSet("json") {
                var writer = JSONWriter()
                report.write(to: &writer)
                StandardStream.output.write(writer.buffer.text + "\n")
            } else {
                StandardStream.output.write(report.table)
            }
            StandardStream.exit(report.verdict.exitStatus)
        } catch {
            StandardStream.error.write("neurogrid-agent: \(error)\n")
            StandardStream.exit(ExitCode.fault)
        }
    }
}
