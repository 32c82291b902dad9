public import Grid

/// The machine's fixed facts without its GPUs: what the hello's `specifications` say.
public enum MachineFacts {
    /// Reads them; whatever the machine does not tell stays `nil`. Takes some milliseconds: once per session.
    public static func read(root: MachineRoot) -> NodeSpecifications {
        let files = FileReader()
        var facts = NodeSpecifications()
        facts.cpuModel = cpuModel(root, files)
        facts.cpuCores = cpuCores(root, files)
        facts.memoryTotalBytes = memoryTotal(root, files)
        facts.storageBytes = BlockDevice.totalBytes(root: root, files: files)
        facts.networkMegabitsPerSecond = NetworkDevice.fastestMegabitsPerSecond(root: root, files: files)
        facts.hostname = files.line("/proc/sys/kernel/hostname", of: root)
        facts.kernel = files.line("/proc/sys/kernel/osrelease", of: root)
        facts.operatingSystem = operatingSystem(root, files)
        return facts
    }

    private static func cpuModel(_ root: MachineRoot, _ files: FileReader) -> String? {
        let found = try? files.read("/proc/cpuinfo", of: root) { bytes -> String? in
            var scanner = FieldScanner(bytes)
            var implementer: String?
            var part: String?
            repeat {
                if scanner.skip("model name") || scanner.skip("cpu model") {
                    return value(&scanner)
                } else if scanner.skip("CPU implementer") {
                    implementer = value(&scanner)
                } else if scanner.skip("CPU part") {
                    part = value(&scanner)
                }
                if let implementer, let part { return armModel(implementer, part) }
            } while scanner.nextLine()
            return nil
        }
        return found ?? nil
    }

    /// What follows the colon, inner runs of blanks made single, as vendors pad their names.
    private static func value(_ scanner: inout FieldScanner) -> String? {
        scanner.skipBlanks()
        guard scanner.skip(":") else { return nil }
        let words = scanner.restOfLine().split(separator: " ")
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// Arm processors tell numbers only; these are the ones that carry GPUs in servers.
    private static func armModel(_ implementer: String, _ part: String) -> String {
        switch (implementer, part) {
        case ("0x41", "0xd0c"): "Arm Neoverse-N1"
        case ("0x41", "0xd40"): "Arm Neoverse-V1"
        case ("0x41", "0xd49"): "Arm Neoverse-N2"
        case ("0x41", "0xd4f"): "Arm Neoverse-V2"
        case ("0x41", "0xd84"): "Arm Neoverse-V3"
        case ("0xc0", "0xac3"): "Ampere-1"
        default: "Arm implementer \(implementer) part \(part)"
        }
    }

    /// Cores online, as /proc/stat lists them.
    private static func cpuCores(_ root: MachineRoot, _ files: FileReader) -> Int? {
        let count = try? files.read("/proc/stat", of: root) { bytes in
            var scanner = FieldScanner(bytes)
            var count = 0
            while scanner.nextLine(), scanner.skip("cpu") { count += 1 }
            return count
        }
        return count == 0 ? nil : count
    }

    private static func memoryTotal(_ root: MachineRoot, _ files: FileReader) -> UInt64? {
        let total = try? files.read("/proc/meminfo", of: root) { bytes -> UInt64? in
            var scanner = FieldScanner(bytes)
            repeat {
                if scanner.skip("MemTotal:") { return scanner.unsigned() }
            } while scanner.nextLine()
            return nil
        }
        guard let kibibytes = total ?? nil, kibibytes <= UInt64.max / 1024 else { return nil }
        return kibibytes * 1024
    }

    private static func operatingSystem(_ root: MachineRoot, _ files: FileReader) -> String? {
        let found = try? files.read("/etc/os-release", of: root) { bytes -> String? in
            var scanner = FieldScanner(bytes)
            repeat {
                guard scanner.skip("PRETTY_NAME=") else { continue }
                var text = Substring(scanner.restOfLine())
                if text.count >= 2, let quote = text.first, quote == "\"" || quote == "'", text.last == quote {
                    text = text.dropFirst().dropLast()
                }
                return text.isEmpty ? nil : String(text)
            } while scanner.nextLine()
            return nil
        }
        return found ?? nil
    }
}
