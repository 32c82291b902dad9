import Grid
import Hub
import Testing

@testable import neurogrid_simulate

@Suite("What really runs where")
struct GroundTests {
    private func agent(_ index: Int) -> Agent {
        var dice = Dice(seed: 1)
        return Agent(index: index, traits: PlannedAgent(index: 0, dice: &dice), owner: UserID("o"))
    }

    private func assignment(_ epoch: UInt64) -> RunAssignment {
        RunAssignment(
            run: RunID(task: .example, epoch: epoch, member: 0), runner: "work", arguments: [], input: "", gpus: 1,
            milliPerGPU: 1000, cpuMilli: 0, memoryMebibytes: 0, timeoutSeconds: 9, gangSize: 1,
            leaseMilliseconds: 1000)
    }

    @Test("Two agents that run one task break T7, unless the first stands still or was told to end")
    func exclusion() {
        for way in 0..<4 {
            var ground = Ground()
            ground.begins(assignment(1), on: agent(0), now: 0)
            switch way {
            case 1: ground.ends(assignment(1).run, on: 0)
            case 2: ground.freezes(0)
            case 3: ground.ordered(assignment(1).run, on: 0)
            default: break
            }
            ground.begins(assignment(2), on: agent(1), now: 0)
            #expect((ground.takeViolation() == nil) == (way != 0))
            if way == 2 {
                ground.thaws(0)
                #expect(ground.takeViolation()?.0 == "T7")
            }
        }
    }

    @Test("Only what was said of a run is known of it")
    func reasons() {
        var ground = Ground()
        let run = assignment(1).run
        var failed = RunOutcome()
        failed.fault = .timeout
        ground.concluded(run, failed)
        #expect(ground.knows(run, fault: .timeout) && !ground.knows(run, fault: nil))
        ground.claimed(run, RunOutcome(), by: 0)
        #expect(ground.knows(run, fault: nil))
    }

    @Test("Holds and costs are rounded up")
    func money() {
        var resources = ResourceRequest(gpu: .whole(1))
        resources.priceCapMicros = 3601
        let specification = TaskSpecification(runner: "work", resources: resources, timeoutSeconds: 1)
        #expect(Money.hold(specification, .init()) == 2)
    }
}
