import Grid
import Testing

@testable import Hub

@Suite("Challenges")
struct ChallengeTests {
    @Test("A chain of one step is SplitMix64's own first number")
    func chain() {
        // The published first number for the seed 1234567.
        #expect(Challenge(seed: 1_234_567, rounds: 1).value == 6_457_827_717_110_365_317)
        #expect(Challenge(seed: 5, rounds: 0).value == 5)
        let two = Challenge(seed: 1_234_567, rounds: 2).value
        #expect(two == Challenge(seed: Int64(bitPattern: 6_457_827_717_110_365_317), rounds: 1).value)
    }

    @Test("The answer is its sixteen digits, however it is spaced")
    func answers() {
        let challenge = Challenge(seed: 5, rounds: 0)
        #expect(challenge.isAnswered(by: #"{"value":"0000000000000005"}"#))
        #expect(challenge.isAnswered(by: "{ \"value\": \"0000000000000005\" }\n"))
        for wrong in ["", "{}", #"{"value":"5"}"#, #"{"value":5}"#, #"{"value":"0000000000000006"}"#] {
            #expect(!challenge.isAnswered(by: wrong))
        }
    }

    @Test("What the task asks for is the challenge, and nothing longer is taken for one")
    func specification() {
        let challenge = Challenge(seed: 77)
        #expect(Challenge(challenge.specification) == challenge)
        #expect(challenge.specification.arguments.map(\.name) == ["rounds", "seed"])
        #expect(Challenge(Challenge(seed: 1, rounds: Challenge.rounds + 1).specification) == nil)
        var other = challenge.specification
        other.runner = "command"
        #expect(Challenge(other) == nil)
        other = challenge.specification
        other.arguments.removeLast()
        #expect(Challenge(other) == nil)
    }

    @Test("What a check is for is read back from its key")
    func purposes() {
        let task = TaskID(UUID128(high: 1, low: 2))
        for purpose in [CheckPurpose.challenge(.test(3)), .copy(of: task, .test(4))] {
            #expect(CheckPurpose(key: purpose.key) == purpose)
            #expect(purpose.key.utf8.count <= Limits.idempotencyKeyBytes)
        }
        for key in [nil, "", "mine", "challenge", "challenge:x", "copy:\(NodeID.test(1))", "a:b:\(NodeID.test(1))"] {
            #expect(CheckPurpose(key: key) == nil)
        }
    }

    @Test("Only what is much slower than the node itself has been is late")
    func times() {
        var times = AnswerTimes()
        #expect(times.note(100_000) == true, "nobody knows yet what is usual")
        for _ in 0..<5 { #expect(times.note(50) == true) }
        #expect(times.note(19_000) == true, "a busy machine")
        #expect(times.note(20_051) == false)
        #expect(times.note(-5) == true)
        #expect(times.fastestMilliseconds == 0)
    }
}
