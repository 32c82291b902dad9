import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Samples: quick and strict")
struct SampleDecoderTests {
    static func blank() -> NodeSample {
        NodeSample(sequence: 9, takenAt: Timestamp(milliseconds: 9), intervalMilliseconds: 9)
    }

    /// What the quick reader alone makes of `text`; `nil` where it leaves it to the strict one.
    static func quickly(_ text: String) -> NodeSample? {
        var sample = blank()
        return text.withRaw { SampleDecoder.decodeQuickly($0, into: &sample) } ? sample : nil
    }

    /// What the strict reader alone makes of `text`; `nil` where it refuses it.
    static func strictly(_ text: String) -> NodeSample? {
        var sample = blank()
        return (try? text.withRaw { try SampleDecoder.decodeStrictly($0, into: &sample) }) == true ? sample : nil
    }

    @Test("A reused sample keeps nothing of the one before")
    func reuse() throws {
        var sample = SampleMaker.complete()
        let text = "{\"type\":\"sample\",\"seq\":2,\"taken_at_ms\":5,\"interval_ms\":100,\"host\":{}}"
        #expect(try text.withRaw { try AgentCodec.decodeSample($0, into: &sample) })
        var expected = NodeSample(sequence: 2, takenAt: Timestamp(milliseconds: 5), intervalMilliseconds: 100)
        #expect(sample == expected)
        let strict = text.replacing("{\"type\"", with: "{ \"type\"")
        sample = SampleMaker.complete()
        #expect(try strict.withRaw { try AgentCodec.decodeSample($0, into: &sample) })
        expected.host = HostSample()
        #expect(sample == expected)
    }

    @Test("Another message leaves the sample alone, wherever its type stands")
    func otherMessages() throws {
        var sample = SampleMaker.complete()
        for text in [
            "{\"type\":\"goodbye\",\"reason\":\"x\"}", "{\"host\":\"not a host\",\"seq\":-5,\"type\":\"goodbye\"}",
        ] {
            #expect(try !text.withRaw { try AgentCodec.decodeSample($0, into: &sample) })
            #expect(sample == SampleMaker.complete())
        }
    }

    @Test("Absent and null readings are both absent")
    func absence() throws {
        let head = "{\"type\":\"sample\",\"seq\":1,\"taken_at_ms\":0,\"interval_ms\":1000"
        let plain = try #require(Self.strictly(head + "}"))
        for rest in [
            ",\"host\":null", ",\"host\":{}", ",\"gpus\":null", ",\"gpus\":{}", ",\"gpus\":{\"index\":[]}",
            ",\"cost\":null", ",\"detail\":null", ",\"failures\":null", ",\"failures\":[]",
            ",\"host\":{\"cpu_percent\":null,\"uptime_seconds\":null}", ",\"gpus\":{\"index\":null}",
        ] {
            #expect(Self.strictly(head + rest + "}") == plain, "\(rest)")
            #expect(Self.quickly(head + rest + "}") == plain, "\(rest)")
        }
        let one = try #require(
            Self.strictly(head + ",\"gpus\":{\"temperature_celsius\":[null,-5],\"index\":[3,1],\"fan_percent\":null}}"))
        #expect(one.gpus.map(\.index) == [3, 1])
        #expect(one.gpus.map(\.temperatureCelsius) == [nil, -5])
    }

    @Test(
        "Limits of readings",
        arguments: [
            ("\"host\":{\"cpu_percent\":100}", nil), ("\"host\":{\"cpu_percent\":0}", nil),
            ("\"host\":{\"cpu_percent\":100.01}", "host.cpu_percent"),
            ("\"host\":{\"cpu_percent\":-0.5}", "host.cpu_percent"),
            ("\"host\":{\"cpu_percent\":1e400}", "host.cpu_percent"),
            ("\"host\":{\"load_1\":1e7}", "host.load_1"), ("\"host\":{\"load_1\":1e6}", nil),
            ("\"host\":{\"uptime_seconds\":18446744073709551615}", nil),
            ("\"host\":{\"uptime_seconds\":18446744073709551616}", "host.uptime_seconds"),
            ("\"host\":{\"uptime_seconds\":1.5}", "host.uptime_seconds"),
            ("\"host\":{\"uptime_seconds\":1e3}", nil), ("\"host\":[]", "host"),
            ("\"gpus\":{\"index\":[63]}", nil), ("\"gpus\":{\"index\":[64]}", "gpus.index"),
            ("\"gpus\":{\"index\":[-1]}", "gpus.index"), ("\"gpus\":{\"index\":[0,0]}", "gpus.index"),
            ("\"gpus\":{\"index\":[0,null]}", "gpus.index"), ("\"gpus\":{\"index\":0}", "gpus.index"),
            ("\"gpus\":{\"fan_percent\":[3]}", "gpus.index"),
            ("\"gpus\":{\"index\":[0],\"fan_percent\":[3,4]}", "gpus.fan_percent"),
            ("\"gpus\":{\"index\":[0,1],\"fan_percent\":[3]}", "gpus.fan_percent"),
            ("\"gpus\":{\"index\":[0],\"fan_percent\":[201]}", "gpus.fan_percent"),
            ("\"gpus\":{\"index\":[0],\"utilization_percent\":[101]}", "gpus.utilization_percent"),
            ("\"gpus\":{\"index\":[0],\"temperature_celsius\":[251]}", "gpus.temperature_celsius"),
            ("\"gpus\":{\"index\":[0],\"power_milliwatts\":[4294967296]}", "gpus.power_milliwatts"),
            ("\"gpus\":{\"index\":[0],\"state\":[\"odd\"]}", "gpus.state"),
            ("\"gpus\":{\"index\":[0],\"state\":[\"driver_hung\"]}", nil),
            ("\"gpus\":{\"index\":[0],\"processes\":[[{\"pid\":1}]]}", nil),
            ("\"gpus\":{\"index\":[0],\"processes\":[[{\"pid\":-1}]]}", "gpus.processes.pid"),
            ("\"gpus\":{\"index\":[0],\"processes\":[[{}]]}", "gpus.processes.pid"),
            ("\"gpus\":{\"index\":[0],\"processes\":[{}]}", "gpus.processes"),
            ("\"cost\":{\"cpu_percent\":1,\"resident_bytes\":1}", "cost.collect_us"),
            ("\"failures\":[{\"collector\":\"x\"}]", "failures.reason"), ("\"failures\":[null]", "failures"),
            ("\"detail\":{\"core_percents\":[1,null]}", "detail.core_percents"),
            ("\"detail\":{\"core_percents\":[101]}", "detail.core_percents"),
            ("\"detail\":{\"disks\":[{\"name\":\"a\"}]}", "detail.disks.read_bytes"),
        ] as [(String, String?)])
    func ranges(rest: String, field: String?) {
        let text = "{\"type\":\"sample\",\"seq\":1,\"taken_at_ms\":0,\"interval_ms\":1000,\(rest)}"
        #expect(fault(text) == field)
    }

    @Test(
        "Limits of the sample itself",
        arguments: [
            ("\"seq\":0,\"taken_at_ms\":0,\"interval_ms\":1", "seq"),
            ("\"taken_at_ms\":0,\"interval_ms\":1", "seq"), ("\"seq\":null,\"taken_at_ms\":0,\"interval_ms\":1", "seq"),
            ("\"seq\":1,\"interval_ms\":1", "taken_at_ms"), ("\"seq\":1,\"taken_at_ms\":0", "interval_ms"),
            ("\"seq\":1,\"taken_at_ms\":-1,\"interval_ms\":1", "taken_at_ms"),
            ("\"seq\":1,\"taken_at_ms\":253402300800000,\"interval_ms\":1", "taken_at_ms"),
            ("\"seq\":1,\"taken_at_ms\":0,\"interval_ms\":0", "interval_ms"),
            ("\"seq\":1,\"taken_at_ms\":0,\"interval_ms\":4294967296", "interval_ms"),
            ("\"seq\":18446744073709551615,\"taken_at_ms\":0,\"interval_ms\":1", nil),
        ] as [(String, String?)])
    func headRanges(fields: String, field: String?) {
        #expect(fault("{\"type\":\"sample\",\(fields)}") == field)
    }

    @Test("Lists are bounded")
    func lists() {
        func detail(_ key: String, _ element: String, _ count: Int) -> String {
            let list = Array(repeating: element, count: count).joined(separator: ",")
            return "{\"type\":\"sample\",\"seq\":1,\"taken_at_ms\":0,\"interval_ms\":1000,"
                + (key == "failures" ? "\"failures\":[\(list)]}" : "\"detail\":{\"\(key)\":[\(list)]}}")
        }
        let interface = "{\"name\":\"a\",\"received_bytes\":1,\"sent_bytes\":1,\"errors\":0}"
        #expect(fault(detail("interfaces", interface, Limits.devicesPerNode)) == nil)
        #expect(fault(detail("interfaces", interface, Limits.devicesPerNode + 1)) == "detail.interfaces")
        #expect(fault(detail("core_percents", "1", Limits.coresPerNode)) == nil)
        #expect(fault(detail("core_percents", "1", Limits.coresPerNode + 1)) == "detail.core_percents")
        let failure = "{\"collector\":\"a\",\"reason\":\"b\"}"
        #expect(fault(detail("failures", failure, Limits.collectorFailuresPerSample)) == nil)
        #expect(fault(detail("failures", failure, Limits.collectorFailuresPerSample + 1)) == "failures")
        let head = "{\"type\":\"sample\",\"seq\":1,\"taken_at_ms\":0,\"interval_ms\":1,"
        let gpus = (0...Limits.gpusPerNode).map(String.init).joined(separator: ",")
        #expect(fault(head + "\"gpus\":{\"x\":[],\"index\":[\(gpus)]}}") == "gpus.index")
    }

    /// The field that both ways of reading find at fault; `nil` where both take the sample.
    private func fault(_ text: String) -> String? {
        var sample = Self.blank()
        do {
            #expect(try text.withRaw { try AgentCodec.decodeSample($0, into: &sample) })
            #expect(Self.strictly(text) == sample)
            return nil
        } catch let error as WireError {
            #expect(error.refusal.code == .invalidMessage)
            #expect(Self.quickly(text) == nil)
            return error.field
        } catch {
            return "\(error)"
        }
    }
}
