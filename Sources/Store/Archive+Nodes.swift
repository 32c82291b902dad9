import Grid

/// Nodes: a row each, with their agent's key and their GPUs in tables of their own; the checksum covers all three.
extension Archive {
    /// Writes the node; its owner becomes a known user if it was not.
    func write(_ node: NodeRecord) throws(StoreError) {
        try writeIfAbsent(UserRecord(id: node.owner, createdAt: node.enrolledAt))
        try database.statement(Self.upsertNode).run(row(of: node))
        let id = SQLiteValue.text(node.id.description)
        try database.statement("DELETE FROM node_key WHERE node = ?").run([id])
        if let key = node.publicKey {
            try database.statement("INSERT INTO node_key (node, public_key) VALUES (?, ?)").run([id, .blob(key)])
        }
        try database.statement("DELETE FROM node_gpu WHERE node = ?").run([id])
        for (place, gpu) in (node.specifications?.gpus ?? []).enumerated() {
            try database.statement(
                """
                INSERT INTO node_gpu (node, place, gpu_index, uuid, name, pci_bus_id, memory_total_bytes,
                    power_limit_milliwatts, slowdown_celsius) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            ).run([
                id, .optional(place), .optional(gpu.index), .text(gpu.uuid), .text(gpu.name), .text(gpu.pciBusID),
                .optional(gpu.memoryTotalBytes), .optional(gpu.powerLimitMilliwatts.map(UInt64.init)),
                .optional(gpu.slowdownCelsius),
            ])
        }
    }

    func readNodes() throws(StoreError) -> [NodeRecord] {
        var gpus = try readGPUs()
        var keyCount: Int64 = 0
        var nodes: [NodeRecord] = []
        try database.statement(Self.selectNodes).forEachRow { (row) throws(StoreError) in
            var node = NodeRecord(
                id: NodeID(try row.uuid(0)), name: try row.text(1), owner: UserID(try row.text(2)),
                location: NodeLocation(region: try row.text(3), city: try row.text(4), country: try row.text(5)),
                enrolledAt: Timestamp(milliseconds: try row.integer(7)))
            node.pricePerHourMicros = try row.optionalInteger(6)
            node.registeredAt = try row.optionalInteger(8).map { Timestamp(milliseconds: $0) }
            node.sessionEpoch = try row.word(9)
            if try row.integer(10) == 1 {
                var specifications = try Self.specifications(of: row)
                specifications.gpus = gpus.removeValue(forKey: node.id) ?? []
                node.specifications = specifications
            }
            node.publicKey = try row.optionalBlob(22)
            node.isDraining = try row.integer(23) == 1
            if node.publicKey != nil { keyCount += 1 }
            try row.verify(21, Self.checksum(of: node), of: "node \(node.id)")
            nodes.append(node)
        }
        guard gpus.isEmpty, keyCount == (try database.integer("SELECT count(*) FROM node_key")) else {
            throw StoreError(.corrupt, "there are keys or GPUs of a node that is gone")
        }
        return nodes
    }

    private func readGPUs() throws(StoreError) -> [NodeID: [GPUDescription]] {
        var gpus: [NodeID: [GPUDescription]] = [:]
        try database.statement(
            """
            SELECT node, gpu_index, uuid, name, pci_bus_id, memory_total_bytes, power_limit_milliwatts,
                slowdown_celsius FROM node_gpu ORDER BY node, place
            """
        ).forEachRow { (row) throws(StoreError) in
            var gpu = GPUDescription(
                index: Int(try row.integer(1)), uuid: try row.text(2), name: try row.text(3),
                pciBusID: try row.text(4))
            gpu.memoryTotalBytes = try row.optionalWord(5)
            gpu.powerLimitMilliwatts = try row.optionalInteger(6).map { UInt32(truncatingIfNeeded: $0) }
            gpu.slowdownCelsius = try row.optionalInteger(7).map { Int($0) }
            gpus[NodeID(try row.uuid(0)), default: []].append(gpu)
        }
        return gpus
    }

    // MARK: Rows

    private static let upsertNode: String = {
        let columns = [
            "id", "name", "owner", "region", "city", "country", "price_per_hour_micros", "enrolled_at",
            "registered_at", "session_epoch", "has_specifications", "cpu_model", "cpu_cores", "memory_total_bytes",
            "storage_bytes", "network_megabits_per_second", "hostname", "kernel", "operating_system",
            "driver_version", "agent_version", "checksum", "is_draining",
        ]
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let updates = columns.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        return "INSERT INTO node (\(columns.joined(separator: ", "))) VALUES (\(marks)) "
            + "ON CONFLICT (id) DO UPDATE SET \(updates)"
    }()

    private static let selectNodes = """
        SELECT id, name, owner, region, city, country, price_per_hour_micros, enrolled_at, registered_at,
            session_epoch, has_specifications, cpu_model, cpu_cores, memory_total_bytes, storage_bytes,
            network_megabits_per_second, hostname, kernel, operating_system, driver_version, agent_version, checksum,
            public_key, is_draining
        FROM node LEFT JOIN node_key ON node_key.node = node.id ORDER BY id
        """

    private func row(of node: NodeRecord) -> [SQLiteValue] {
        let specifications = node.specifications
        return [
            .text(node.id.description), .text(node.name), .text(node.owner.text), .text(node.location.region),
            .text(node.location.city), .text(node.location.country), .optional(node.pricePerHourMicros),
            .integer(node.enrolledAt.milliseconds), .optional(node.registeredAt?.milliseconds),
            .optional(node.sessionEpoch), .integer(specifications == nil ? 0 : 1),
            .optional(specifications?.cpuModel), .optional(specifications?.cpuCores),
            .optional(specifications?.memoryTotalBytes), .optional(specifications?.storageBytes),
            .optional(specifications?.networkMegabitsPerSecond), .optional(specifications?.hostname),
            .optional(specifications?.kernel), .optional(specifications?.operatingSystem),
            .optional(specifications?.driverVersion), .optional(specifications?.agentVersion),
            .integer(Self.checksum(of: node)), .integer(node.isDraining ? 1 : 0),
        ]
    }

    /// Columns 11 to 20 of ``selectNodes``.
    private static func specifications(of row: SQLiteStatement) throws(StoreError) -> NodeSpecifications {
        var specifications = NodeSpecifications()
        specifications.cpuModel = try row.optionalText(11)
        specifications.cpuCores = try row.optionalInteger(12).map { Int($0) }
        specifications.memoryTotalBytes = try row.optionalWord(13)
        specifications.storageBytes = try row.optionalWord(14)
        specifications.networkMegabitsPerSecond = try row.optionalInteger(15).map { Int($0) }
        specifications.hostname = try row.optionalText(16)
        specifications.kernel = try row.optionalText(17)
        specifications.operatingSystem = try row.optionalText(18)
        specifications.driverVersion = try row.optionalText(19)
        specifications.agentVersion = try row.optionalText(20)
        return specifications
    }

    private static func checksum(of node: NodeRecord) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, node.id.uuid)
        checksum.add(2, node.name)
        checksum.add(3, node.owner.text)
        checksum.add(4, node.location.region)
        checksum.add(5, node.location.city)
        checksum.add(6, node.location.country)
        checksum.add(7, node.pricePerHourMicros)
        checksum.add(8, node.publicKey)
        checksum.add(9, node.enrolledAt.milliseconds)
        checksum.add(10, node.registeredAt?.milliseconds)
        checksum.add(11, node.sessionEpoch)
        // Only where it is so: a node's sum from before there was such a thing stays right.
        if node.isDraining { checksum.add(30, UInt64(1)) }
        guard let specifications = node.specifications else { return checksum.value }
        checksum.add(12, UInt64(specifications.gpus.count))
        for gpu in specifications.gpus {
            checksum.add(13, UInt64(bitPattern: Int64(gpu.index)))
            checksum.add(14, gpu.uuid)
            checksum.add(15, gpu.name)
            checksum.add(16, gpu.pciBusID)
            checksum.add(17, gpu.memoryTotalBytes)
            checksum.add(18, gpu.powerLimitMilliwatts.map { UInt64($0) })
            checksum.add(19, gpu.slowdownCelsius.map { Int64($0) })
        }
        checksum.add(20, specifications.cpuModel)
        checksum.add(21, specifications.cpuCores.map { Int64($0) })
        checksum.add(22, specifications.memoryTotalBytes)
        checksum.add(23, specifications.storageBytes)
        checksum.add(24, specifications.networkMegabitsPerSecond.map { Int64($0) })
        checksum.add(25, specifications.hostname)
        checksum.add(26, specifications.kernel)
        checksum.add(27, specifications.operatingSystem)
        checksum.add(28, specifications.driverVersion)
        checksum.add(29, specifications.agentVersion)
        return checksum.value
    }
}
