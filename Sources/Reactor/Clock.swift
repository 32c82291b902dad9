import Glibc

/// The two clocks. Deadlines use the first, people the second.
public enum Clock {
    /// Nanoseconds of CLOCK_MONOTONIC: never steps, and starts at the machine's boot.
    public static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Lets the thread sleep, for less where a signal comes.
    static func sleep(nanoseconds: UInt64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z by the wall clock, which may step.
    public static func wallMilliseconds() -> Int64 { wallMicroseconds() / 1000 }

    /// Microseconds since 1970-01-01T00:00:00Z by the wall clock, which may step.
    public static func wallMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
