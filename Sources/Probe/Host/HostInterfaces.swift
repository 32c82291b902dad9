import Grid

/// Bytes received and sent by the physical interfaces since the previous tick, from /proc/net/dev.
///
/// A machine without a physical interface, which is what a container looks like from inside, is counted by its plain
/// virtual ones. Loopback and stacked interfaces never count, so the total is what crossed the machine's border.
final class HostInterfaces: Collector {
    let name: StaticString = "host_network"
    private let root: MachineRoot
    private let file: HotFile
    private var interfaces = DeviceTable<Interface>()
    private var hasBaseline = false

    private struct Interface {
        let kind: NetworkDevice.Kind
        var received: UInt64
        var sent: UInt64
        var errors: UInt64
        /// Since the previous tick; `nil` in an interface's first.
        var amounts: (received: UInt64, sent: UInt64, errors: UInt64)?
    }

    init(root: MachineRoot) {
        self.root = root
        file = HotFile("/proc/net/dev", of: root)
    }

    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading {
        do throws(FileFault) {
            try tick.files.read(file) { bytes in read(bytes, tick) }
        } catch {
            interfaces.removeAll()
            hasBaseline = false
            return error.isAbsence ? .absent : .failed(error.description)
        }
        guard let counted = countedKind() else { return .absent }
        defer { hasBaseline = true }
        guard hasBaseline else { return .absent }
        fill(counted, tick, &sample)
        return .value
    }

    func close() { file.close() }

    /// Physical ones where there is any, else their stand-ins; `nil` where there is neither.
    private func countedKind() -> NetworkDevice.Kind? {
        var found: NetworkDevice.Kind?
        for index in 0..<interfaces.count {
            switch interfaces[index].kind {
            case .physical: return .physical
            case .standIn: found = .standIn
            case .neither: continue
            }
        }
        return found
    }

    private func fill(_ counted: NetworkDevice.Kind, _ tick: Tick, _ sample: inout NodeSample) {
        var received: UInt64 = 0
        var sent: UInt64 = 0
        for index in 0..<interfaces.count where interfaces[index].kind == counted {
            guard let amounts = interfaces[index].amounts else { continue }
            received &+= amounts.received
            sent &+= amounts.sent
            guard sample.detail != nil else { continue }
            let name = interfaces.name(at: index)
            sample.detail?.interfaces.append(
                InterfaceSample(
                    name: name, receivedBytes: amounts.received, sentBytes: amounts.sent, errors: amounts.errors,
                    megabitsPerSecond: NetworkDevice.megabitsPerSecond(of: name, root: root, files: tick.files)))
        }
        sample.host.networkReceivedBytes = received
        sample.host.networkSentBytes = sent
    }

    /// A line: `eth0: BYTES packets ERRS DROP fifo frame compressed multicast BYTES packets ERRS DROP …`
    private func read(_ bytes: UnsafeRawBufferPointer, _ tick: Tick) {
        var scanner = FieldScanner(bytes)
        interfaces.beginTurn()
        repeat {
            let name = scanner.word(stoppingAt: UInt8(ascii: ":"))
            guard scanner.skip(":"), let received = scanner.unsigned() else { continue }  // The two title lines.
            scanner.skipWords(1)
            var errors = (scanner.unsigned() ?? 0) &+ (scanner.unsigned() ?? 0)
            scanner.skipWords(4)
            guard let sent = scanner.unsigned() else { continue }
            scanner.skipWords(1)
            errors &+= (scanner.unsigned() ?? 0) &+ (scanner.unsigned() ?? 0)
            if let index = interfaces.find(name) {
                var interface = interfaces[index]
                interface.amounts = (
                    advance(&interface.received, to: received), advance(&interface.sent, to: sent),
                    advance(&interface.errors, to: errors)
                )
                interfaces[index] = interface
            } else {
                let kind = NetworkDevice.kind(
                    of: String(decoding: name, as: UTF8.self), root: root, files: tick.files)
                // What an interface carried before it was first seen belongs to no sample.
                _ = interfaces.insert(
                    name, Interface(kind: kind, received: received, sent: sent, errors: errors, amounts: nil))
            }
        } while scanner.nextLine()
        interfaces.endTurn()
    }
}
