internal import Bytes
internal import Glibc

/// Wall-clock time as log lines carry it.
enum Timestamp {
    /// Milliseconds since 1970, UTC.
    static var wallMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Appends `2026-01-31T12:00:00.000Z`.
    static func append(milliseconds: Int64, to buffer: inout ByteBuffer) {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func pad(_ value: Int, _ digits: Int, _ behind: Character) {
            let text = String(value)
            buffer.append(String(repeating: "0", count: max(0, digits - text.count)) + text + String(behind))
        }
        pad(Int(parts.tm_year) + 1900, 4, "-")
        pad(Int(parts.tm_mon) + 1, 2, "-")
        pad(Int(parts.tm_mday), 2, "T")
        pad(Int(parts.tm_hour), 2, ":")
        pad(Int(parts.tm_min), 2, ":")
        pad(Int(parts.tm_sec), 2, ".")
        pad(Int(milliseconds % 1000), 3, "Z")
    }
}
