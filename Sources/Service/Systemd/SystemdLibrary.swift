internal import Glibc

/// libsystemd, opened at run time and never closed: neither building nor starting needs it.
struct SystemdLibrary: @unchecked Sendable {
    // Unchecked: the handle is a constant that dlsym may be given from any thread.
    private let handle: UnsafeMutableRawPointer

    /// `nil` where it is not installed. Opened when first asked for, which only happens under systemd.
    static let shared = SystemdLibrary(named: "libsystemd.so.0")

    init?(named name: String) {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { return nil }
        self.handle = handle
    }

    /// The function called `name`, which must have the C signature `Function`; `nil` if the library is too old for it.
    func function<Function>(_ name: String, as type: Function.Type) -> Function? {
        guard let address = dlsym(handle, name) else { return nil }
        return unsafeBitCast(address, to: type)
    }
}
