/// The explicit list: a new collector is a new file and one line here.
public enum Collectors {
    /// Every host collector, in the order in which they read.
    public static func host(of root: MachineRoot) -> [any Collector] {
        [
            HostCPU(root: root),
            HostLoad(root: root),
            HostPressure(root: root),
            HostMemory(root: root),
            HostDisks(root: root),
            HostInterfaces(root: root),
            HostFilesystems(root: root),
            HostUptime(root: root),
        ]
    }
}
