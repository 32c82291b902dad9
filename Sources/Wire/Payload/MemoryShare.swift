import Grid

extension HostSample {
    /// Used memory in hundredths of a percent; `nil` where the host does not tell.
    var memoryUsedHundredths: Int64? {
        guard let used = memoryUsedBytes, let total = memoryTotalBytes, total > 0 else { return nil }
        // An agent may say anything: without its lowest bits no product is beyond the word.
        let (part, whole) = (used >> 14, max(total >> 14, 1))
        return Int64(min((part * 10_000 + whole / 2) / whole, 10_000))
    }
}
