import Bytes
import Grid
import Testing

@testable import Store

@Suite struct LedgerChainTests {
    private let first = LedgerTransfer(
        number: 1, id: UUID128(high: 1, low: 2), at: Timestamp(milliseconds: 1_700_000_000_123), kind: .deposit,
        debit: .world, credit: .available(UserID("Zoë")), currency: .usd, amountMicros: 100_000_000, key: "order 7")
    private let second = LedgerTransfer(
        number: 2, id: UUID128(high: 3, low: 4), at: Timestamp(milliseconds: -5), kind: .hold,
        debit: .available(UserID("Zoë")), credit: .held(UserID("Zoë")), currency: .neuro, amountMicros: 1,
        task: TaskID(UUID128(high: 5, low: 6)))

    private func hex(_ digest: Digest256) -> String { Hexadecimal.encode(digest.bytes) }

    /// FIPS 180-4's own examples.
    @Test func itIsSHA256() {
        let known = [
            "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq":
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ]
        for (text, digest) in known {
            #expect([UInt8](text.utf8).withUnsafeBytes { hex(LedgerChain.sha256($0)) } == digest)
        }
    }

    /// Ledgers out there are chained so; computed by an independent program from the description.
    @Test func theChainStaysAsItIs() {
        var bytes = ByteBuffer()
        LedgerChain.append(first, to: &bytes)
        #expect(
            Hexadecimal.encode(bytes.bytes)
                == "0100000000000000010200000000000000010000000000000002030000018bcfe5687b04000000076465706f736974"
                + "0500000005776f726c640700000009617661696c61626c6508000000045a6fc3ab09000000035553440a0000000005f5"
                + "e1000c000000076f726465722037")
        let hash = LedgerChain.hash(first, after: LedgerChain.origin)
        #expect(hex(hash) == "6b551a6cf3e6a7dc91b5665373a2f0f9f8a3b26d5eb3d56958dd5c0a8398a36e")
        #expect(
            hex(LedgerChain.hash(second, after: hash))
                == "b93a07d936a2859442050c9c3344f7b9e7be59069bdd1c4d1910a732300a5109")
    }

    @Test func everyFieldCounts() {
        let base = LedgerChain.hash(second, after: LedgerChain.origin)
        let changes: [(inout LedgerTransfer) -> Void] = [
            { $0.number = 3 }, { $0.id.low += 1 }, { $0.at = Timestamp(milliseconds: -4) }, { $0.kind = .release },
            { $0.debit = .held(UserID("Zoë")) }, { $0.debit = .available(UserID("Zoe")) }, { $0.debit = .platform },
            { $0.credit = .available(UserID("Zoë")) }, { $0.credit = .held(UserID("")) }, { $0.credit = .world },
            { $0.currency = .usd }, { $0.amountMicros = 2 }, { $0.task = nil }, { $0.task?.uuid.high = 4 },
            { $0.key = "" }, { $0.key = "a" },
        ]
        var seen: Set<Digest256> = [base, LedgerChain.hash(second, after: base)]
        for change in changes {
            var changed = second
            change(&changed)
            #expect(seen.insert(LedgerChain.hash(changed, after: LedgerChain.origin)).inserted, "\(changed)")
        }
    }

    @Test func accountsAreReadAsTheyAreCalled() {
        for account in [.available(UserID("a")), .held(UserID("a")), .platform, .world] as [LedgerAccount] {
            #expect(LedgerAccount(kindName: account.kindName, user: account.user?.text) == account)
        }
        #expect(LedgerAccount(kindName: "available", user: nil) == nil)
        #expect(LedgerAccount(kindName: "world", user: "a") == nil)
        #expect(LedgerAccount(kindName: "escrow", user: "a") == nil)
    }
}
