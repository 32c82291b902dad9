import Web

/// The compressors that the clients of one dialer share: one for each window that a server has asked for.
final class CompressorSet {
    private var compressors: [Int: WebSocketCompressor] = [:]

    /// What is shorter is not worth the processor's time on either end.
    private static let thresholdBytes = 128

    /// The compressor with that window, a base-2 logarithm; `nil` where there can be none so small.
    func compressor(windowBits: Int) -> WebSocketCompressor? {
        if let existing = compressors[windowBits] { return existing }
        guard WebSocketCompressor.windowBitsRange.contains(windowBits) else { return nil }
        let made = WebSocketCompressor(windowBits: windowBits, thresholdBytes: Self.thresholdBytes)
        compressors[windowBits] = made
        return made
    }
}
