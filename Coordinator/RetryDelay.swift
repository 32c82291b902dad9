internal import Access
internal import Grid

/// When somebody who is sent away may come back: another moment for each, so that they do not come back together.
enum RetryDelay {
    /// Between one second and the longest that agents wait between two attempts.
    static func milliseconds() -> UInt64 {
        let longest = UInt64(Limits.reconnectCapMilliseconds)
        return 1000 + SecureRandom.uint64() % (longest - 1000 + 1)
    }

    /// The same in whole seconds, for `Retry-After`.
    static func seconds() -> Int { Int((milliseconds() + 999) / 1000) }
}
