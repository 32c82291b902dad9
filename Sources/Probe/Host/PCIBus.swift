/// What stands on the PCI bus whether or not a driver speaks for it.
enum PCIBus {
    private static let nvidia: UInt64 = 0x10DE

    /// The bus addresses of NVIDIA's GPUs, as `0000:18:00.0`; empty when /sys cannot be read.
    static func nvidiaGPUs(root: MachineRoot, files: FileReader) -> [String] {
        let folder = "/sys/bus/pci/devices"
        guard let addresses = try? root.list(folder) else { return [] }
        return addresses.filter { address in
            guard hexadecimal("\(folder)/\(address)/vendor", root, files) == nvidia,
                let kind = hexadecimal("\(folder)/\(address)/class", root, files)
            else { return false }
            // VGA controllers and 3D controllers; a card's audio function is neither.
            return kind >> 8 == 0x0300 || kind >> 8 == 0x0302
        }
    }

    private static func hexadecimal(_ path: String, _ root: MachineRoot, _ files: FileReader) -> UInt64? {
        guard let text = files.line(path, of: root), text.hasPrefix("0x") else { return nil }
        return UInt64(text.dropFirst(2), radix: 16)
    }
}
