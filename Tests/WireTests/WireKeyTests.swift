import Testing

@testable import Wire

@Suite("Keys")
struct WireKeyTests {
    /// The names of a table, up to its end.
    private func names<Key: WireKey>(_ key: Key.Type) -> [String] {
        (0...).lazy.map { Key(rawValue: $0)?.name.description }.prefix { $0 != nil }.compactMap { $0 }
    }

    @Test("No key of an object is spelled like another, and none needs an escape")
    func distinct() {
        for table in [names(SampleKey.self), names(HostKey.self), names(GPUKey.self), names(CostKey.self)] {
            #expect(table.count >= 3)
            #expect(Set(table).count == table.count)
            #expect(table.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } })
        }
    }

    @Test("A key that only begins or ends like ours is not ours")
    func nearMisses() throws {
        let names = names(HostKey.self)
        for name in names {
            let nearMisses = [
                name + "x", String(name.dropLast()), "x" + name, name.dropLast() + "X", "X" + name.dropFirst(),
            ]
            for near in nearMisses where !names.contains(near) {
                let text =
                    "{\"type\":\"sample\",\"seq\":1,\"taken_at_ms\":0,\"interval_ms\":1,\"host\":{\"\(near)\":{}}}"
                let quick = SampleDecoderTests.quickly(text)
                #expect(quick != nil && quick == SampleDecoderTests.strictly(text), "\(near)")
            }
        }
    }
}
