import Bytes
import Grid

/// A sample's GPUs, on the wire a table by columns: `{"index": [0, 1], "temperature_celsius": [71, 68], …}`.
///
/// A key stands once for all GPUs, which halves the message of a host with eight and quarters the keys to look up.
/// A column that is absent is absent for all, a `null` in it for one GPU.
enum GPUColumns {
    /// Reads the table into `gpus`, which is empty; the first column decides how many there are.
    static func decode<Reader: SampleReader>(
        _ reader: inout Reader, into gpus: inout [GPUSample]
    ) throws(Reader.Fault) {
        guard try reader.beginObject("gpus") else { return }
        reader.scope = "gpus."
        var table = Table()
        var expected = 0
        reading: while true {
            let found: FoundKey<GPUKey> = try reader.nextKey(&expected)
            guard case .known(let key) = found else {
                if case .end = found { break reading }
                try reader.skip()
                continue
            }
            try column(key, &reader, &table, &gpus)
        }
        try checkIndexes(reader, gpus)
        reader.scope = ""
    }

    /// Reads the column of `key`.
    @inline(__always)
    private static func column<Reader: SampleReader>(
        _ key: GPUKey, _ reader: inout Reader, _ table: inout Table, _ gpus: inout [GPUSample]
    ) throws(Reader.Fault) {
        let name = key.name
        switch key {
        case .index:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.index = try reader.required(reader.whole(name, in: SampleRanges.gpuIndex), name)
            }
        case .state:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.state = try reader.strictly(state)
            }
        case .utilization:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.utilizationPercent = try reader.whole(name, in: SampleRanges.wholePercent)
            }
        case .memoryActivity:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.memoryActivityPercent = try reader.whole(name, in: SampleRanges.wholePercent)
            }
        case .memoryUsed:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.memoryUsedBytes = try reader.amount(name)
            }
        case .memoryTotal:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.memoryTotalBytes = try reader.amount(name)
            }
        case .temperature:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.temperatureCelsius = try reader.whole(name, in: SampleRanges.celsius)
            }
        case .power:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.powerMilliwatts = try reader.whole(name, in: SampleRanges.milliwatts)
            }
        case .powerLimit:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.powerLimitMilliwatts = try reader.whole(name, in: SampleRanges.milliwatts)
            }
        case .smClock, .memoryClock, .throttleReasons, .fan, .uncorrectedErrors, .processes:
            try lesserColumn(key, &reader, &table, &gpus)
        }
    }

    /// The other half of ``column(_:_:_:_:)``.
    private static func lesserColumn<Reader: SampleReader>(
        _ key: GPUKey, _ reader: inout Reader, _ table: inout Table, _ gpus: inout [GPUSample]
    ) throws(Reader.Fault) {
        let name = key.name
        switch key {
        case .smClock:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.smClockMegahertz = try reader.whole(name, in: SampleRanges.megahertz)
            }
        case .memoryClock:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.memoryClockMegahertz = try reader.whole(name, in: SampleRanges.megahertz)
            }
        case .throttleReasons:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.throttleReasons = try reader.amount(name)
            }
        case .fan:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.fanPercent = try reader.whole(name, in: SampleRanges.fanPercent)
            }
        case .uncorrectedErrors:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.uncorrectedErrors = try reader.amount(name)
            }
        case .processes:
            try table.column(name, &reader, &gpus) { (reader, gpu) throws(Reader.Fault) in
                gpu.processes = try reader.strictly(DetailDecoder.processes)
            }
        case .index, .state, .utilization, .memoryActivity, .memoryUsed, .memoryTotal, .temperature, .power,
            .powerLimit:
            preconditionFailure("a column of the first half")
        }
    }

    private static func state(_ reader: inout MessageReader) throws(WireError) -> GPUState {
        guard let text = try reader.name("state") else { return .ok }
        if text == "ok" { return .ok }
        guard let state = GPUState(name: text.string) else {
            throw reader.fault("state", "expected ok, stale, driver_hung or lost")
        }
        return state
    }

    /// Stands in a row until the column `index` was read.
    private static let unknownIndex = -1

    /// Each entry says its place in the machine, and no two say the same.
    private static func checkIndexes<Reader: SampleReader>(
        _ reader: Reader, _ gpus: [GPUSample]
    ) throws(Reader.Fault) {
        var seen: UInt64 = 0
        for gpu in gpus {
            guard gpu.index != unknownIndex else { throw reader.fault("index", "missing") }
            let bit = UInt64(1) << UInt64(gpu.index)
            guard seen & bit == 0 else { throw reader.fault("index", "\(gpu.index) stands twice") }
            seen |= bit
        }
    }

    /// The rows, as many as the first column had entries.
    private struct Table {
        private var hasColumns = false

        /// Reads one array, a value a GPU.
        @inline(__always)
        mutating func column<Reader: SampleReader>(
            _ name: StaticString, _ reader: inout Reader, _ gpus: inout [GPUSample],
            _ read: (inout Reader, inout GPUSample) throws(Reader.Fault) -> Void
        ) throws(Reader.Fault) {
            guard try reader.beginArray(name) else { return }
            guard hasColumns else {
                hasColumns = true
                while try reader.nextElement() {
                    guard gpus.count < Limits.gpusPerNode else {
                        throw reader.fault(name, "more than \(Limits.gpusPerNode) GPUs")
                    }
                    gpus.append(GPUSample(index: unknownIndex))
                    try read(&reader, &gpus[gpus.count &- 1])
                }
                return
            }
            let isFull = try gpus.withUnsafeMutableBufferPointer { (rows) throws(Reader.Fault) in
                var row = 0
                while try reader.nextElement() {
                    guard row < rows.count else { return false }
                    try read(&reader, &rows[row])
                    row &+= 1
                }
                return row == rows.count
            }
            guard isFull else { throw reader.fault(name, "every column has one entry for each GPU") }
        }
    }
}
