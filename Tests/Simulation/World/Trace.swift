internal import Grid
internal import Hub

/// What happened, in words: the last so many lines, or all of them at once.
final class Trace {
    private let isTold: Bool
    private let limit: Int
    private(set) var lines: [String] = []

    /// - Parameters:
    ///   - isTold: whether every line is printed as it comes.
    ///   - limit: how many lines are kept.
    init(isTold: Bool, limit: Int) {
        self.isTold = isTold
        self.limit = limit
    }

    func add(at nanoseconds: UInt64, event: Int, _ words: String) {
        let line = "\(Self.seconds(nanoseconds)) #\(event) \(words)"
        if isTold { print(line) }
        lines.append(line)
        if lines.count > 2 * limit { lines.removeFirst(lines.count - limit) }
    }

    func add(at nanoseconds: UInt64, event: Int, _ hubEvent: HubEvent, _ effects: [Effect]) {
        // Readings and heartbeats say nothing, unless something follows from them.
        switch hubEvent {
        case .samplesTaken, .agentHeard, .timePassed:
            guard effects.contains(where: { if case .agentAck = $0 { false } else { true } }) else { return }
            let name = "\(hubEvent)".prefix { $0 != "(" }
            add(at: nanoseconds, event: event, String(name))
        default: add(at: nanoseconds, event: event, Self.plain("\(hubEvent)"))
        }
        for effect in effects {
            if case .agentAck = effect { continue }
            add(at: nanoseconds, event: event, "    → " + Self.plain("\(effect)"))
        }
    }

    var last: ArraySlice<String> { lines.suffix(limit) }

    /// Without the names of modules, and not for ever.
    private static func plain(_ text: String) -> String {
        let words = text.split(separator: "Grid.", omittingEmptySubsequences: false).joined()
            .split(separator: "Hub.", omittingEmptySubsequences: false).joined()
        return words.count > 1200 ? words.prefix(1200) + "…" : words
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds / 1_000_000 % 1000)
        return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
