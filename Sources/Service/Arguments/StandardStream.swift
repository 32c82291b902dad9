internal import Glibc

/// The process's output and error streams, unbuffered: what was written is out.
public enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes all of `text`; a stream that is closed or broken is left alone.
    public func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = writeAll(UnsafeRawBufferPointer($0), to: rawValue) }
    }

    /// Ends the process.
    public static func exit(_ code: Int32) -> Never {
        Glibc.exit(code)
    }
}

/// Writes all of `bytes` to the descriptor; `false` if it would not take them.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var rest = bytes
    while let base = rest.baseAddress, rest.count > 0 {
        let written = write(descriptor, base, rest.count)
        if written < 0 {
            if errno == EINTR { continue }
            // A full pipe that does not block: a log must not stall the service, so the rest is lost.
            return false
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    return true
}
