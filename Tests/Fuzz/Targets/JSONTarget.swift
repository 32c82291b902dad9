import Bytes

extension FuzzTarget {
    /// The JSON reader: skipping, pulling and the oracle agree, and what was read can be written and read again.
    static let json = FuzzTarget("json") { input in
        for depth in [4, 32] {
            try JSONRun(input: input, depth: depth).check()
        }
    }
}

private struct JSONRun {
    let input: UnsafeRawBufferPointer
    let depth: Int

    func check() throws {
        let oracle = JSONOracle.value(of: input, maximumDepth: depth)
        let skipFault = try fault { reader in try reader.skipValue() }
        try require((skipFault == nil) == (oracle != nil), "the oracle disagrees: \(skipFault as Any)")
        let rawFault = try fault { reader in _ = try reader.readRaw() }
        try require(rawFault == skipFault, "raw \(rawFault as Any), skipped \(skipFault as Any)")

        var pulled: JSONValue?
        let pullFault = try fault { reader in pulled = try JSONValue.pulled(&reader) }
        if pullFault?.kind == .numberOutOfRange {
            try require(oracle.map(Self.overflows) ?? true, "a number that is in range was refused")
            return
        }
        try require(pullFault == skipFault, "pulled \(pullFault as Any), skipped \(skipFault as Any)")
        guard let pulled, pullFault == nil else { return }
        try require(pulled == oracle, "pulled \(pulled), but it says \(oracle as Any)")
        try rewrite(pulled)
    }

    /// Fails unless the value is read from what is written of it.
    private func rewrite(_ value: JSONValue) throws {
        var writer = JSONWriter()
        value.write(to: &writer)
        try writer.buffer.withBytes { bytes in
            var reader = JSONReader(bytes, maximumDepth: depth)
            let again = try JSONValue.pulled(&reader)
            try reader.finish()
            try require(again == value, "\(value) was written as \(writer.buffer.text)")
        }
    }

    /// The fault found when all of the input is read in the given way.
    private func fault(_ read: (inout JSONReader) throws -> Void) throws -> JSONError? {
        var reader = JSONReader(input, maximumDepth: depth)
        do {
            try read(&reader)
            try reader.finish()
            try require(reader.offset == input.count, "bytes were left over")
            return nil
        } catch let error as JSONError {
            try require((0...input.count).contains(error.offset), "a fault beyond the input")
            return error
        }
    }

    private static func overflows(_ value: JSONValue) -> Bool {
        switch value {
        case .object(let members): members.contains { overflows($0.value) }
        case .array(let elements): elements.contains(where: overflows)
        case .number(let bits): !Double(bitPattern: bits).isFinite
        case .string, .bool, .null: false
        }
    }
}
