import Grid
import Testing

@testable import Hub

@Suite("Waiting line")
struct WaitingLineTests {
    private struct Entry {
        var task: Int32
        var rank: Int
        var user: Int
    }

    @Test("A pass sees everybody once, in the order of rank, share and age", arguments: 1...10)
    func order(seed: UInt64) {
        var dice = Dice(seed)
        var shares = FairShare(halfLifeNanoseconds: 1 << 40)
        for user in 0..<5 { _ = shares.number(of: UserID("\(user)")) }
        var line = WaitingLine()
        var plain: [Entry] = []
        for task in Int32(0)..<200 {
            let entry = Entry(
                task: task, rank: .random(in: 8...11, using: &dice), user: .random(in: 0..<5, using: &dice))
            plain.append(entry)
            line.insert(task, number: UInt64(task), rank: entry.rank, user: entry.user, shares)
            if Bool.random(using: &dice) {
                let user = Int.random(in: 0..<5, using: &dice)
                shares.charge(user, share: .random(in: 0...1000, using: &dice), seconds: 10, now: 0)
                line.userCharged(user, shares)
            }
            if Int.random(in: 0..<4, using: &dice) == 0 {
                let gone = plain.remove(at: .random(in: plain.indices, using: &dice))
                line.remove(gone.task, number: UInt64(gone.task), rank: gone.rank, user: gone.user, shares)
            }
        }
        // Some are placed on the way, which charges their users and changes the order.
        line.beginPass()
        var tried: Set<Int32> = []
        while let (task, rank) = line.next() {
            let expected = plain.filter { !tried.contains($0.task) }.min { left, right in
                if left.rank != right.rank { return left.rank > right.rank }
                if left.rank < WaitingLine.starving, left.user != right.user {
                    if let isBefore = shares.precedes(left.user, right.user) { return isBefore }
                    let oldest = { (user: Int) in plain.first { $0.user == user && $0.rank == left.rank }!.task }
                    return oldest(left.user) < oldest(right.user)
                }
                return left.task < right.task
            }
            #expect(task == expected?.task && rank == expected?.rank)
            if Int.random(in: 0..<3, using: &dice) == 0, let index = plain.firstIndex(where: { $0.task == task }) {
                let entry = plain.remove(at: index)
                line.remove(task, number: UInt64(task), rank: entry.rank, user: entry.user, shares)
                shares.charge(entry.user, share: 500, seconds: 10, now: 0)
                line.userCharged(entry.user, shares)
            } else {
                tried.insert(task)
                line.passOver()
            }
        }
        #expect(tried.count == plain.count && line.count == plain.count)
    }
}
