internal import Glibc

/// An account of the machine that a task may run as.
public struct UserAccount: Hashable, Sendable {
    public var user: UInt32
    public var group: UInt32
    /// Its supplementary groups.
    public var groups: [UInt32]

    public init(user: UInt32, group: UInt32, groups: [UInt32]) {
        self.user = user
        self.group = group
        self.groups = groups
    }

    /// The account of that name; `nil` if there is none.
    public init?(named name: String) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var room = [CChar](repeating: 0, count: 64 << 10)
        guard getpwnam_r(name, &entry, &room, room.count, &found) == 0, found != nil else { return nil }
        var count: Int32 = 256
        var list = [gid_t](repeating: 0, count: Int(count))
        guard getgrouplist(name, entry.pw_gid, &list, &count) >= 0 else { return nil }
        self.init(user: entry.pw_uid, group: entry.pw_gid, groups: Array(list.prefix(Int(count))))
    }
}
