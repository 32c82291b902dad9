import Glibc

/// A system call that the world made fail: which call, and why.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The error number, as in errno(3).
    public let errno: Int32
    /// The call that failed, as in section 2 of the manual.
    public let call: StaticString

    /// An error of `call` with the number `errno`.
    public init(errno: Int32, call: StaticString) {
        self.errno = errno
        self.call = call
    }

    /// The call and the C library's words: `connect: Connection refused`.
    public var description: String {
        // strerror is thread-safe since glibc 2.32; strerror_r differs between its XSI and GNU forms.
        guard let words = strerror(errno) else { return "\(call): error \(errno)" }
        return "\(call): \(String(cString: words))"
    }

    /// Two errors are equal when their numbers are; the call is for people.
    public static func == (left: SystemError, right: SystemError) -> Bool { left.errno == right.errno }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) { hasher.combine(errno) }
}
