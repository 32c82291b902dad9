internal import Bytes

/// What the agent tells a guard.
enum GuardCommand: Hashable {
    case launch(LaunchOrder)
    /// SIGTERM to the task's process group.
    case terminate
    /// SIGKILL to everything that the task has started.
    case kill
    /// When everything is killed, whether or not the agent says so: by CLOCK_MONOTONIC, in nanoseconds.
    case deadline(UInt64)
}

/// What a guard tells the agent.
enum GuardReport: Hashable {
    /// The program runs; the number of its process, which is also that of its session.
    case started(Int32)
    /// It could not be started: the step of `clinux_launch_step`, and an `errno`.
    case failed(step: Int32, number: Int32)
    /// It has ended, and so has everything that it had started. `status` is as `waitpid(2)` gives it.
    case ended(status: Int32, byDeadline: Bool)
}

/// Messages between agent and guard on a stream: four bytes of length, a kind, and what belongs to it.
enum GuardFrame {
    static func encode(_ command: GuardCommand) -> ByteBuffer {
        switch command {
        case .launch(let order): frame(1) { $0.append(order.encoded) }
        case .terminate: frame(2) { _ in }
        case .kill: frame(3) { _ in }
        case .deadline(let nanoseconds): frame(4) { $0.appendBigEndian(nanoseconds) }
        }
    }

    static func encode(_ report: GuardReport) -> ByteBuffer {
        switch report {
        case .started(let pid): frame(1) { $0.appendBigEndian(UInt32(bitPattern: pid)) }
        case .failed(let step, let number):
            frame(2) {
                $0.appendBigEndian(UInt32(bitPattern: step))
                $0.appendBigEndian(UInt32(bitPattern: number))
            }
        case .ended(let status, let byDeadline):
            frame(3) {
                $0.appendBigEndian(UInt32(bitPattern: status))
                $0.append(UInt8(byDeadline ? 1 : 0))
            }
        }
    }

    private static func frame(_ kind: UInt8, _ fill: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var body = ByteBuffer()
        body.append(kind)
        fill(&body)
        var whole = ByteBuffer(capacity: body.count + 4)
        body.withBytes { whole.append(counted: $0) }
        return whole
    }

    /// Takes the first whole frame from the front of `bytes`; `nil` while there is none.
    ///
    /// - Returns: its body. An empty body is no message of either side.
    static func take(from bytes: inout [UInt8]) -> [UInt8]? {
        guard bytes.count >= 4 else { return nil }
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 4 + length else { return nil }
        let body = Array(bytes[4..<4 + length])
        bytes.removeFirst(4 + length)
        return body
    }

    static func command(_ body: [UInt8]) -> GuardCommand? {
        body.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            switch reader.integer(UInt8.self) {
            case 1:
                guard let rest = reader.bytes(reader.remaining) else { return nil }
                return LaunchOrder(rest).map { .launch($0) }
            case 2: return .terminate
            case 3: return .kill
            case 4: return reader.integer(UInt64.self).map { .deadline($0) }
            default: return nil
            }
        }
    }

    static func report(_ body: [UInt8]) -> GuardReport? {
        body.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            switch reader.integer(UInt8.self) {
            case 1: return reader.integer(Int32.self).map { .started($0) }
            case 2:
                guard let step = reader.integer(Int32.self), let number = reader.integer(Int32.self) else { return nil }
                return .failed(step: step, number: number)
            case 3:
                guard let status = reader.integer(Int32.self), let flag = reader.integer(UInt8.self) else { return nil }
                return .ended(status: status, byDeadline: flag == 1)
            default: return nil
            }
        }
    }
}
