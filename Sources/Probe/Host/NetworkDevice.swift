/// Which of the kernel's network interfaces carry the machine's own traffic: each byte counted once.
enum NetworkDevice {
    enum Kind: Sendable {
        /// Hardware, or a virtual machine's card: it has a `device` in /sys/class/net.
        case physical
        /// A plain virtual interface, as a container's veth: counts only where the machine has nothing physical.
        case standIn
        /// Loopback, and whatever is stacked on other interfaces (bridges, bonds, VLANs, tunnels).
        case neither
    }

    /// The kind of an interface. Where /sys is not mounted, all but `lo` are stand-ins.
    static func kind(of name: String, root: MachineRoot, files: FileReader) -> Kind {
        let folder = "/sys/class/net/\(name)"
        if root.exists("\(folder)/device") {
            // The host's end of a virtual function repeats what the physical port counts, as `pf0vf3`.
            let port = files.line("\(folder)/phys_port_name", of: root) ?? ""
            return port.contains("vf") || port.contains("sf") ? .neither : .physical
        }
        if name == "lo" || files.number("\(folder)/type", of: root) == loopbackType { return .neither }
        for prefix in ["ifb", "dummy", "docker", "br-", "virbr", "sit", "gre", "tunl", "ip6tnl"]
        where name.hasPrefix(prefix) {
            return .neither
        }
        if root.exists("\(folder)/bridge") || root.exists("\(folder)/bonding") { return .neither }
        if root.exists("\(folder)/tun_flags") { return .neither }
        // VLANs, bridges, bonds, tunnels and the like name themselves in a line `DEVTYPE=…`.
        let isStacked = files.small("\(folder)/uevent", of: root) { scanner in
            repeat { if scanner.skip("DEVTYPE=") { return true } } while scanner.nextLine()
            return false
        }
        return isStacked == true ? .neither : .standIn
    }

    /// The link's speed; `nil` where the card does not tell, or the link is down.
    static func megabitsPerSecond(of name: String, root: MachineRoot, files: FileReader) -> Int? {
        guard let speed = files.number("/sys/class/net/\(name)/speed", of: root), speed > 0, speed < 10_000_000 else {
            return nil
        }
        return Int(speed)
    }

    /// The fastest physical link of the machine.
    static func fastestMegabitsPerSecond(root: MachineRoot, files: FileReader) -> Int? {
        guard let names = try? root.list("/sys/class/net") else { return nil }
        return names.filter { kind(of: $0, root: root, files: files) == .physical }
            .compactMap { megabitsPerSecond(of: $0, root: root, files: files) }.max()
    }

    /// ARPHRD_LOOPBACK.
    private static let loopbackType: UInt64 = 772
}
