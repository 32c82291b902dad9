import Grid
import Testing

@testable import neurogrid_agent

@Suite struct DeviceLedgerTests {
    static func assignment(_ number: UInt64, gpus: UInt64, milli: Int) -> RunAssignment {
        RunAssignment(
            run: RunID(task: TaskID(UUID128(high: 0, low: number)), epoch: 1, member: 0), runner: "selftest",
            arguments: [], input: "", gpus: gpus, milliPerGPU: milli, cpuMilli: 0, memoryMebibytes: 0,
            timeoutSeconds: 60, gangSize: 1, leaseMilliseconds: 30_000)
    }

    @Test func aWholeGPUHasOneRun() {
        var ledger = DeviceLedger()
        #expect(ledger.take(Self.assignment(1, gpus: 0b11, milli: 1000), known: [0, 1, 2]) == nil)
        #expect(ledger.take(Self.assignment(2, gpus: 0b10, milli: 1), known: [0, 1, 2]) != nil)
        #expect(ledger.take(Self.assignment(3, gpus: 0b100, milli: 400), known: [0, 1, 2]) == nil)
        #expect(ledger.take(Self.assignment(4, gpus: 0b101, milli: 600), known: [0, 1, 2]) != nil)
        #expect(ledger.takenMilli(2) == 400, "what is refused takes nothing")
        ledger.release(Self.assignment(1, gpus: 0, milli: 0).run)
        #expect(ledger.take(Self.assignment(4, gpus: 0b101, milli: 600), known: [0, 1, 2]) == nil)
    }

    @Test func whatIsNotThereIsRefused() {
        var ledger = DeviceLedger()
        #expect(ledger.take(Self.assignment(1, gpus: 0b1000, milli: 1000), known: [0]) != nil)
        #expect(ledger.take(Self.assignment(1, gpus: 1, milli: 1001), known: [0]) != nil)
        #expect(ledger.take(Self.assignment(1, gpus: 1, milli: 0), known: [0]) != nil)
        #expect(ledger.take(Self.assignment(1, gpus: 0, milli: 0), known: []) == nil)
    }

    /// Whatever comes and goes, no GPU has more than the whole, and each has what its runs have.
    @Test(arguments: 0..<20) func sharesAddUp(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
        func draw(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var ledger = DeviceLedger()
        var held: [UInt64: RunAssignment] = [:]
        for _ in 0..<500 {
            let number = draw(20)
            if let present = held[number] {
                ledger.release(present.run)
                held[number] = nil
            } else {
                let wanted = Self.assignment(number, gpus: draw(16), milli: [100, 250, 500, 1000][Int(draw(4))])
                if ledger.take(wanted, known: [0, 1, 2, 3]) == nil { held[number] = wanted }
            }
            for gpu in 0..<4 {
                let sum = held.values.filter { $0.gpus & (1 << UInt64(gpu)) != 0 }.reduce(0) { $0 + $1.milliPerGPU }
                #expect(ledger.takenMilli(gpu) == sum && sum <= 1000)
            }
        }
    }
}
