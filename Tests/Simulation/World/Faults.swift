/// How things go wrong, and right again.
extension World {
    func begins(_ planned: PlannedFault, _ index: Int) {
        guard !hasHealed else { return }
        note("fault \(planned.fault) for \(planned.nanoseconds / 1_000_000) ms, agent", planned.agent)
        let agent = agents[planned.agent]
        var lasts = true
        switch planned.fault {
        case .coordinatorCrash:
            crashCoordinator()
            lasts = false
        case .coordinatorCrashBetweenEffects:
            coordinator.effectsToCrash = dice.within(0...40)
            lasts = false
        case .coordinatorPause:
            pauseCoordinator(planned.nanoseconds)
            lasts = false
        case .slowDisk: coordinator.disk.slowness = dice.within(10...300)
        case .fullDisk: setDiskFull(true)
        case .wallClockStep:
            wallStep += dice.pick([-3_600_000, 3_600_000, -40_000, 40_000])
            lasts = false
        case .agentCrash:
            agentCrashes(agent, for: planned.nanoseconds)
            lasts = false
        case .agentPause: agentPauses(agent, for: planned.nanoseconds)
        case .agentGoodbye:
            if !agent.isPaused { agentLeaves(agent) }
            lasts = false
        case .agentFullDisk: agent.isDiskFull = true
        case .cutUp: setRoute(agent.index, cutUp: true)
        case .cutDown: setRoute(agent.index, cutDown: true)
        case .cutBoth: setRoute(agent.index, cutUp: true, cutDown: true)
        case .breakLink:
            if !agent.isPaused { breakLink(agent.index) }
            lasts = false
        case .slowLink: routes[agent.index].slowness = dice.within(3...30)
        case .clog:
            for agent in agents where dice.chance(70) { setRoute(agent.index, cutUp: true, cutDown: dice.chance(80)) }
        }
        if lasts { plan(.faultEnds(index), in: planned.nanoseconds) }
    }

    func ends(_ planned: PlannedFault) {
        let agent = agents[planned.agent]
        note("fault ends: \(planned.fault), agent", planned.agent)
        switch planned.fault {
        case .slowDisk: coordinator.disk.slowness = 1
        case .fullDisk: setDiskFull(false)
        case .agentPause: agentWakes(agent)
        case .agentFullDisk: agent.isDiskFull = false
        case .cutUp: setRoute(agent.index, cutUp: false)
        case .cutDown: setRoute(agent.index, cutDown: false)
        case .cutBoth: setRoute(agent.index, cutUp: false, cutDown: false)
        case .slowLink: routes[agent.index].slowness = 1
        case .clog: for agent in agents { setRoute(agent.index, cutUp: false, cutDown: false) }
        case .coordinatorCrash, .coordinatorCrashBetweenEffects, .coordinatorPause, .wallClockStep, .agentCrash,
            .agentGoodbye, .breakLink:
            break
        }
    }

    /// From here on everything works, and everybody is honest.
    func heal() {
        note("all is healed", 0)
        healed()
        for planned in plan.faults where planned.at <= now { ends(planned) }
        coordinator.effectsToCrash = nil
        wakeCoordinator()
        startCoordinator()
        for agent in agents {
            setRoute(agent.index, cutUp: false, cutDown: false)
            agentWakes(agent)
            if agent.lie != nil {
                // Somebody installs the agent that it should have been.
                agentCrashes(agent, for: dice.milliseconds(100...2000))
                agent.lie = nil
                agent.memory = []
                agent.journal = []
            }
        }
        // Of what the policy is worth, operators may take nothing.
        if plan.fraud == nil { operatorsHeal() }
    }
}
