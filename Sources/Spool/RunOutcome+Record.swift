internal import Bytes
internal import Grid

extension RunID {
    /// As the key of a record.
    var recordKey: [UInt8] {
        var buffer = ByteBuffer(capacity: 28)
        buffer.appendBigEndian(task.uuid.high)
        buffer.appendBigEndian(task.uuid.low)
        buffer.appendBigEndian(epoch)
        buffer.appendBigEndian(UInt32(truncatingIfNeeded: member))
        return buffer.bytes
    }

    /// Reads ``recordKey``; `nil` for anything else.
    init?(recordKey: [UInt8]) {
        let read: RunID? = recordKey.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            guard let high = reader.integer(UInt64.self), let low = reader.integer(UInt64.self),
                let epoch = reader.integer(UInt64.self), let member = reader.integer(UInt32.self),
                reader.remaining == 0
            else { return nil }
            return RunID(task: TaskID(UUID128(high: high, low: low)), epoch: epoch, member: Int(member))
        }
        guard let read else { return nil }
        self = read
    }
}

extension RunOutcome {
    /// The first byte of a record: its layout.
    private static let layout: UInt8 = 1

    /// As the value of a record.
    var record: [UInt8] {
        var buffer = ByteBuffer(capacity: 64 + output.utf8.count + message.utf8.count)
        buffer.append(Self.layout)
        buffer.append(counted: fault?.rawValue ?? "")
        Self.append(exitStatus, to: &buffer)
        Self.append(signal, to: &buffer)
        buffer.appendBigEndian(UInt64(bitPattern: ranMilliseconds))
        buffer.append(counted: output)
        buffer.append(counted: message)
        (digest?.bytes ?? []).withUnsafeBytes { buffer.append(counted: $0) }
        return buffer.bytes
    }

    private static func append(_ number: Int?, to buffer: inout ByteBuffer) {
        buffer.append(UInt8(number == nil ? 0 : 1))
        buffer.appendBigEndian(UInt32(bitPattern: Int32(truncatingIfNeeded: number ?? 0)))
    }

    /// Reads ``record``; `nil` for anything else.
    init?(record: [UInt8]) {
        let read = record.withUnsafeBytes { bytes -> RunOutcome? in
            var reader = ByteReader(bytes)
            guard reader.integer(UInt8.self) == Self.layout, let name = reader.text(),
                let exitStatus = Self.number(&reader), let signal = Self.number(&reader),
                let ran = reader.integer(Int64.self), let output = reader.text(), let message = reader.text(),
                let digest = reader.counted(), digest.isEmpty || digest.count == 32, reader.remaining == 0
            else { return nil }
            var outcome = RunOutcome()
            if !name.isEmpty {
                guard let fault = TaskFault(rawValue: name) else { return nil }
                outcome.fault = fault
            }
            outcome.exitStatus = exitStatus.value
            outcome.signal = signal.value
            outcome.ranMilliseconds = ran
            outcome.output = output
            outcome.message = message
            outcome.digest = digest.isEmpty ? nil : Digest256(bytes: digest)
            return outcome
        }
        guard let read else { return nil }
        self = read
    }

    private static func number(_ reader: inout ByteReader) -> (value: Int?, Void)? {
        guard let there = reader.integer(UInt8.self), let value = reader.integer(Int32.self) else { return nil }
        return (there == 1 ? Int(value) : nil, ())
    }
}
