internal import Grid

extension RunID {
    /// As logs name it: task, epoch and member.
    var text: String { "\(task)/\(epoch)/\(member)" }
}

extension String {
    /// Its beginning, at most so many bytes, cut between characters.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = startIndex
        var bytes = 0
        while end < endIndex {
            let next = index(after: end)
            bytes += self[end].utf8.count
            if bytes > limit { break }
            end = next
        }
        return String(self[..<end])
    }
}
