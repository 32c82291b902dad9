internal import Glibc

internal import Grid

/// Why a trace cannot be read, in a sentence.
struct TraceError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Reads the lists of Alibaba's cluster-trace-gpu-v2023 (openb): a header that names the columns, then a row each.
enum TraceFile {
    /// A node of the list.
    struct Node {
        var name: String
        var capacity: NodeCapacity
    }

    /// Price and health are the same everywhere, so that fragmentation alone decides.
    static let priceMicros: Int64 = 1_000_000

    static func nodes(_ path: String) throws -> [Node] {
        try rows(path, columns: ["sn", "cpu_milli", "memory_mib", "gpu", "model"]).map { fields in
            var capacity = NodeCapacity(
                model: fields[4], gpuCount: try number(fields[3], path), cpuMilli: try number(fields[1], path),
                memoryMebibytes: try number(fields[2], path))
            capacity.pricePerGPUHourMicros = priceMicros
            capacity.healthScore = 100
            return Node(name: fields[0], capacity: capacity)
        }
    }

    /// What the tasks ask for. A list without `gpu_spec` restricts nobody.
    static func tasks(_ path: String) throws -> [ResourceRequest] {
        let needed = ["cpu_milli", "memory_mib", "num_gpu", "gpu_milli"]
        return try rows(path, columns: needed, optional: ["gpu_spec"]).map { fields in
            let count = try number(fields[2], path)
            let milli = try number(fields[3], path)
            let gpu: GPUDemand = count == 0 ? .none : milli < 1000 ? .share(milli: milli) : .whole(count)
            var request = ResourceRequest(
                gpu: gpu, cpuMilli: try number(fields[0], path), memoryMebibytes: try number(fields[1], path))
            request.models = Set(fields[4].split(separator: "|").map(String.init))
            guard request.isValid, count < 2 || milli == 1000 else {
                throw TraceError("\(path): a task asks for \(count) GPUs of \(milli) thousandths")
            }
            return request
        }
    }

    private static func number(_ text: String, _ path: String) throws -> Int {
        guard let value = Int(text), value >= 0 else { throw TraceError("\(path): \(text) is no amount") }
        return value
    }

    /// The named columns of each row, optional ones empty where the file lacks them.
    private static func rows(_ path: String, columns: [String], optional: [String] = []) throws -> [[String]] {
        let lines = try text(path).split(whereSeparator: \.isNewline)
        let header = (lines.first ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let places = try columns.map { column -> Int? in
            guard let place = header.firstIndex(of: column) else { throw TraceError("\(path) has no column \(column)") }
            return place
        }
        let wanted = places + optional.map { header.firstIndex(of: $0) }
        return try lines.dropFirst().map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == header.count else { throw TraceError("\(path): a row has \(fields.count) fields") }
            return wanted.map { place in place.map { String(fields[$0]) } ?? "" }
        }
    }

    private static func text(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw TraceError("\(path) cannot be opened") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
