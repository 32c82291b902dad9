import Glibc
import Grid

// MARK: What the children say

extension NVMLSupervisor {
    func drain(_ worker: NVMLWorker, _ now: UInt64) {
        while true {
            switch worker.receive(room) {
            case .nothing: return
            case .answer(let answer): take(answer, from: worker, now)
            case .malformed, .end:
                // Its process descriptor tells the rest, once it has ended.
                worker.closeSocket(nowNanoseconds: now)
                kill(worker.pid, SIGKILL)
                return
            }
        }
    }

    func take(_ answer: NVMLAnswer, from worker: NVMLWorker, _ now: UInt64) {
        switch answer {
        case .hello(let gpuCount, let version):
            worker.gpuCount = gpuCount
            worker.phase = .idle
            globalHang = nil
            if worker === main { greetMain(version, now) } else { greetTrial(worker, now) }
        case .unavailable(let isFailure, let reason):
            worker.toldUnavailable = true
            guard worker === main else { return }
            globalHang = nil
            let news: NVMLAvailability = isFailure ? .failed(reason) : .absent(reason)
            if news != availability { note(reason, isWarning: isFailure) }
            availability = news
        case .description(let description):
            if let place = board.place(description, seenBy: worker.number) { worker.places[description.index] = place }
        case .reading(let reading):
            take(reading, from: worker, now)
        case .done(let done):
            worker.done = done
            worker.phase = .idle
            if worker === main {
                board.loseUnseen(by: worker)
            } else if let place = worker.trialPlace {
                if board[place].trouble != nil { board.lose(place) }
                letGo(worker, signal: 0, now)
            }
        }
    }

    func take(_ reading: GPUReading, from worker: NVMLWorker, _ now: UInt64) {
        let index = reading.sample.index
        guard let place = worker.places[index] ?? board.place(ofDriverIndex: index) else {
            board.takeUnnamed(reading)
            return
        }
        if board[place].trouble != nil {
            note("GPU \(board[place].description.index) answers again", isWarning: false)
        } else if reading.sample.state == .lost, !board[place].isLost {
            note("GPU \(board[place].description.index) is lost", isWarning: true)
        }
        board[place].seenBy = worker.number
        board.take(reading, at: place, nowNanoseconds: now)
    }

    func greetMain(_ version: String, _ now: UInt64) {
        if availability != .present { note("NVIDIA driver \(version)", isWarning: false) }
        availability = .present
        if !version.isEmpty { driverVersion = version }
        askMain(now)
    }

    func greetTrial(_ worker: NVMLWorker, _ now: UInt64) {
        guard let place = worker.trialPlace else { return }
        let request = NVMLRequest(
            number: round, gpus: 1 << UInt64(board[place].driverIndex), wantsProcesses: true, wantsErrors: true)
        _ = worker.ask(request, &packet, nowNanoseconds: now)
    }

    /// The place of the GPU that a call concerns; before its description, by where the driver listed it.
    func stuckPlace(_ open: CallMonitor.Open, in worker: NVMLWorker) -> Int? {
        open.gpu.flatMap { worker.places[$0] ?? board.place(ofDriverIndex: $0) }
    }

    func note(_ message: String, isWarning: Bool) {
        guard notices.count < NVMLNotice.maximumKept else { return }
        notices.append(NVMLNotice(isWarning: isWarning, message: message))
    }
}
