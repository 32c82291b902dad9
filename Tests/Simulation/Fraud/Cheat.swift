/// What a dishonest provider does instead of its work, as the seed decides. It keeps to the protocol, answers
/// challenges rightly, and knows the policy: what it does not know is which of its results will be compared.
struct Cheat {
    enum Kind: String, CaseIterable {
        /// Never computes, and says so at once that it has.
        case quick
        /// Never computes, and bills all the time that the task allows.
        case greedy
        /// Tells of GPUs that it does not have, with readings that it makes up.
        case lacksGPUs
        /// Tells of GPUs that stand in somebody else's machine.
        case copiesGPUs
        /// Its GPUs take several times as long as those that it sells. What they cannot end in time it invents.
        case sellsSlow
        /// Computes most of the time.
        case sometimes
        /// Honest for long, then never again.
        case sleeper
        /// Computes what is cheap, and invents what is dear.
        case selective
        /// Two providers, honest for a while, that give the same wrong results.
        case pair
    }

    /// How long it says that an invented result has taken.
    enum Bill: CaseIterable {
        case nothing
        /// As long as the work would have.
        case likely
        /// All the time that the task allows.
        case everything
    }

    var kind: Kind
    var bill: Bill
    /// Results that it computes before it invents the first.
    var honestFirst = 0
    /// Of those after it one in so many is invented.
    var oneIn: UInt64 = 1
    /// Who agree on it invent the same.
    var salt: UInt64

    static let slowness: UInt64 = 4
    /// What takes as many GPU-seconds is dear.
    static let dearMilliseconds: UInt64 = 70_000

    /// - Parameter number: among all cheaters; two that follow each other may be a pair.
    init(kind: Kind, number: Int, dice: inout Dice) {
        self.kind = kind
        bill = dice.pick([.likely, .everything])
        salt = UInt64(number) + 1000
        switch kind {
        case .quick: bill = .nothing
        case .greedy: bill = .everything
        case .lacksGPUs, .copiesGPUs, .sellsSlow, .selective: break
        case .sometimes: oneIn = dice.within(UInt64(2)...20)
        case .sleeper: honestFirst = dice.within(20...300)
        case .pair:
            salt = UInt64(number / 2)
            honestFirst = dice.within(0...150)
            oneIn = 1 + salt * 7 % 10
        }
    }
}
