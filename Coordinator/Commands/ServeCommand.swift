internal import CLinux
internal import Glibc
internal import Service
internal import Store

/// The version of this product.
let productVersion = "0.1.0"

/// `serve`: runs the coordinator.
enum ServeCommand {
    static let command = Command(
        "serve", summary: "Run the coordinator until it is told to stop.",
        flags: [
            Flag("config", .text(), placeholder: "FILE", meaning: "configuration file (JSON5)")
        ] + CoordinatorSettings.schema.flags)

    static func run(_ arguments: Arguments) -> Never {
        let settings: Settings
        var configuration: CoordinatorConfiguration
        do {
            settings = try Settings(
                schema: CoordinatorSettings.schema, file: arguments.text("config"), environment: .process,
                arguments: arguments)
            configuration = try CoordinatorSettings.configuration(settings)
        } catch {
            OperatorFlags.fail(error, ExitCode.usage)
        }
        if configuration.loops == 0 { configuration.loops = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), 64) }
        let format = LogFormat(rawValue: settings.text("log.format") ?? "") ?? .text
        let log = Log(
            program: "neurogrid-coordinator", level: LogLevel(name: settings.text("log.level") ?? "") ?? .info,
            format: format, destination: .automatic(format: format))
        Privileges.warnIfRootOutsideSystemd(log)
        do {
            let directory = try DataDirectory(path: configuration.dataDirectory)
            try OperatorCommand.lock(directory)
            let coordinator = try Coordinator(
                configuration: configuration, directory: directory, log: CoordinatorLog(log: log))
            try coordinator.run()
            StandardStream.exit(ExitCode.success)
        } catch {
            log.error("\(error)")
            StandardStream.exit(ExitCode.fault)
        }
    }
}
