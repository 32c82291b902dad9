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

    /// An event and what followed from it, on one line.
    func add(at nanoseconds: UInt64, event: Int, _ hubEvent: HubEvent, _ effects: [Effect]) {
        let results = effects.compactMap(Words.of)
        switch hubEvent {
        // Readings and heartbeats say nothing, unless something follows from them.
        case .samplesTaken, .agentHeard, .timePassed: if results.isEmpty { return }
        default: break
        }
        add(
            at: nanoseconds, event: event,
            Words.of(hubEvent) + (results.isEmpty ? "" : " → " + results.joined(separator: ", ")))
    }

    var last: ArraySlice<String> { lines.suffix(limit) }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds / 1_000_000 % 1000)
        return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
