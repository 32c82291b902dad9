import Bytes
import COpenSSL
import Grid

/// The chain that binds each transfer to all before it: its hash is SHA-256 over the previous hash and its own bytes.
///
/// A transfer's bytes are its fields in the order below, each behind its number; an absent one counts for nothing, so
/// that a later version can add a field behind the last and leave older hashes as they are. Integers are big-endian,
/// texts stand behind their length in bytes (four bytes). So no two transfers have the same bytes.
enum LedgerChain {
    /// What stands before the first transfer's hash.
    static let origin = Digest256(bytes: repeatElement(0, count: 32))

    /// The hash of a transfer that follows the one with that hash.
    static func hash(_ transfer: LedgerTransfer, after previous: Digest256) -> Digest256 {
        var bytes = ByteBuffer(capacity: 256)
        bytes.append(previous.bytes)
        append(transfer, to: &bytes)
        return bytes.withBytes(sha256)
    }

    /// The transfer's bytes.
    static func append(_ transfer: LedgerTransfer, to bytes: inout ByteBuffer) {
        append(1, transfer.number, to: &bytes)
        append(2, transfer.id, to: &bytes)
        append(3, UInt64(bitPattern: transfer.at.milliseconds), to: &bytes)
        append(4, transfer.kind.rawValue, to: &bytes)
        append(5, transfer.debit.kindName, to: &bytes)
        append(6, transfer.debit.user?.text, to: &bytes)
        append(7, transfer.credit.kindName, to: &bytes)
        append(8, transfer.credit.user?.text, to: &bytes)
        append(9, transfer.currency.code, to: &bytes)
        append(10, UInt64(bitPattern: transfer.amountMicros), to: &bytes)
        append(11, transfer.task?.uuid, to: &bytes)
        append(12, transfer.key, to: &bytes)
    }

    private static func append(_ field: UInt8, _ word: UInt64, to bytes: inout ByteBuffer) {
        bytes.append(field)
        bytes.appendBigEndian(word)
    }

    private static func append(_ field: UInt8, _ uuid: UUID128?, to bytes: inout ByteBuffer) {
        guard let uuid else { return }
        bytes.append(field)
        bytes.appendBigEndian(uuid.high)
        bytes.appendBigEndian(uuid.low)
    }

    private static func append(_ field: UInt8, _ text: String?, to bytes: inout ByteBuffer) {
        guard let text else { return }
        bytes.append(field)
        bytes.appendBigEndian(UInt32(text.utf8.count))
        bytes.append(text)
    }

    /// SHA-256 (FIPS 180-4), through OpenSSL. `Access` has it for its own floor.
    static func sha256(_ bytes: UnsafeRawBufferPointer) -> Digest256 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
            var count: UInt32 = 0
            let done = EVP_Digest(bytes.baseAddress, bytes.count, digest.baseAddress, &count, EVP_sha256(), nil)
            precondition(done == 1 && count == 32, "OpenSSL has no SHA-256")
            return Digest256(bytes: digest)
        }
    }
}

extension LedgerAccount {
    /// What the account's kind is called on disk; never changed.
    var kindName: String {
        switch self {
        case .available: "available"
        case .held: "held"
        case .platform: "platform"
        case .world: "world"
        }
    }

    /// Whose account it is; `nil` for the platform's and the world's.
    var user: UserID? {
        switch self {
        case .available(let user), .held(let user): user
        case .platform, .world: nil
        }
    }

    /// The account of that kind; `nil` where there is none, or a user is missing or too much.
    init?(kindName: String, user: String?) {
        switch (kindName, user) {
        case ("available", let user?): self = .available(UserID(user))
        case ("held", let user?): self = .held(UserID(user))
        case ("platform", nil): self = .platform
        case ("world", nil): self = .world
        default: return nil
        }
    }
}
