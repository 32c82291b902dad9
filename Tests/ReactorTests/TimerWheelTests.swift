import Testing

@testable import Reactor

struct TimerWheelTests {
    @Test func entriesComeOutInOrderOfTheirTicks() {
        var wheel = TimerWheel()
        for (index, tick) in [5000, 3, 64, 63, 65, 4096, 1, 262_144].enumerated() {
            _ = wheel.insert(UInt32(index), at: UInt64(tick))
        }
        var order: [UInt32] = []
        while let payload = wheel.popExpired(now: 1_000_000) { order.append(payload) }
        #expect(order == [6, 1, 3, 2, 4, 5, 0, 7])
        #expect(wheel.count == 0 && wheel.nextTick == nil && wheel.present == 1_000_000)
    }

    @Test func nothingComesOutEarly() {
        var wheel = TimerWheel()
        _ = wheel.insert(1, at: 100)
        #expect(wheel.popExpired(now: 99) == nil)
        #expect(wheel.nextTick == 100)
        #expect(wheel.popExpired(now: 100) == 1)
    }

    @Test func theNextTickIsExactOnEveryLevel() {
        for tick: UInt64 in [1, 63, 64, 4097, 300_000, 20_000_000, 1 << 31, 1 << 45] {
            var wheel = TimerWheel()
            _ = wheel.insert(0, at: tick)
            #expect(wheel.nextTick == tick)
            #expect(wheel.popExpired(now: tick - 1) == nil)
            #expect(wheel.nextTick == tick)
            #expect(wheel.popExpired(now: tick) == 0)
        }
    }

    @Test func aPastTickBecomesTheNextOne() {
        var wheel = TimerWheel()
        #expect(wheel.popExpired(now: 500) == nil)
        let entry = wheel.insert(7, at: 10)
        #expect(wheel.tick(of: entry) == 501)
        #expect(wheel.popExpired(now: 501) == 7)
    }

    @Test func theFarthestTickIsKept() {
        var wheel = TimerWheel()
        _ = wheel.insert(7, at: .max)
        #expect(wheel.nextTick == TimerWheel.lastTick)
    }

    /// Random inserts, removals, moves and steps, against a plain list.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func agreesWithAModel(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var wheel = TimerWheel()
        var model: [UInt32: (tick: UInt64, entry: TimerWheel.Entry)] = [:]
        var now: UInt64 = 0
        var nextPayload: UInt32 = 0
        for _ in 0..<20_000 {
            switch random.next() % 10 {
            case 0...4:
                let reach = UInt64(1) << (random.next() % 24)
                let tick = now + 1 + random.next() % reach
                model[nextPayload] = (tick, wheel.insert(nextPayload, at: tick))
                nextPayload += 1
            case 5:
                if let victim = model.keys.min() {
                    wheel.remove(model[victim]?.entry ?? 0)
                    model[victim] = nil
                }
            case 6:
                if let moved = model.keys.max(), let entry = model[moved]?.entry {
                    let tick = now + 1 + random.next() % 5000
                    wheel.move(entry, to: tick)
                    model[moved] = (tick, entry)
                }
            default:
                now += random.next() % (UInt64(1) << (random.next() % 16))
                var last: UInt64 = 0
                while let payload = wheel.popExpired(now: now) {
                    let tick = model.removeValue(forKey: payload)?.tick
                    #expect(tick != nil && tick ?? .max <= now && tick ?? 0 >= last)
                    last = tick ?? last
                }
                #expect(model.values.allSatisfy { $0.tick > now })
            }
            #expect(wheel.count == model.count)
            let earliest = model.values.map(\.tick).min()
            #expect((wheel.nextTick == nil) == (earliest == nil))
            #expect(wheel.nextTick ?? 0 <= earliest ?? 0)
            #expect(earliest == nil || wheel.nextTick ?? 0 > now)
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
