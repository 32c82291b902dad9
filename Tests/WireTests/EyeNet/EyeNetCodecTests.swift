import Bytes
import Grid
import Testing

@testable import Wire

@Suite("EyeNet dialect")
struct EyeNetCodecTests {
    @Test("Every event is its golden message", arguments: EyeNetGoldens.events.map(\.name))
    func events(_ name: String) throws {
        let event = try #require(EyeNetGoldens.events.first { $0.name == name }?.event)
        #expect(Dialect.eyenet.carries(event.event))
        let text = written { #expect(Dialect.eyenet.encode(event, into: &$0)) }
        #expect(try text == Goldens.text("eyenet/" + name))
    }

    @Test("Every answer is its golden message", arguments: EyeNetGoldens.replies.map(\.name))
    func replies(_ name: String) throws {
        let write = try #require(EyeNetGoldens.replies.first { $0.name == name }?.write)
        #expect(try json(write) == Goldens.text("eyenet/" + name))
    }

    @Test("Every client's golden message is read", arguments: EyeNetGoldens.clientMessages.map(\.name))
    func clientMessages(_ name: String) throws {
        let message = try #require(EyeNetGoldens.clientMessages.first { $0.name == name }?.message)
        let text = "2" + (try Goldens.text("eyenet/" + name))
        #expect(try text.withRaw { try EyeNetCodec.decode(SocketIOPacket($0)) } == message)
    }

    @Test("An event that the dialect has no message for leaves nothing behind", arguments: EyeNetGoldens.others)
    func others(_ event: RoomEvent) {
        var buffer = ByteBuffer()
        #expect(!Dialect.eyenet.carries(event))
        #expect(!Dialect.eyenet.encode(NativeGoldens.logged(event, offset: 1), into: &buffer) && buffer.isEmpty)
    }

    @Test("An event is its name and one argument of that type, with data that has the documented members")
    func shapes() throws {
        let members = [
            "device:status": ["deviceId", "status", "timestamp", "metrics"],
            "device:metrics": ["deviceId", "metrics", "timestamp"],
            "alert:new": ["alertId", "severity", "deviceId", "message", "timestamp", "metrics"],
            "alert:update": ["alertId", "status", "updatedBy", "timestamp"],
            "topology:update": ["changeType", "devices", "timestamp"],
            "ml:prediction": ["jobId", "status", "results", "timestamp"],
        ]
        var seen: Set<String> = []
        for (file, _) in EyeNetGoldens.events {
            guard case .array(let parts) = try JSONTree(Goldens.text("eyenet/" + file)), parts.count == 2,
                case .scalar(let quoted) = parts[0], case .object(let argument) = parts[1],
                case .object(let data)? = argument.last?.value
            else {
                Issue.record("\(file) is no event")
                continue
            }
            let name = String(quoted.dropFirst().dropLast())
            seen.insert(name)
            #expect(argument.map(\.key) == ["type", "data"] && argument[0].value == .scalar(quoted), "\(file)")
            #expect(data.map(\.key) == members[name], "\(file)")
        }
        #expect(seen == Set(members.keys))
    }

    @Test(
        "A device is up, degraded or down",
        arguments: [
            (NodeStatus.online, 60, DeviceCondition.up), (.online, 59, .degraded), (.busy, 100, .up),
            (.draining, 0, .degraded), (.offline, 100, .down), (.online, nil, .up), (.offline, nil, .down),
        ] as [(NodeStatus, Int?, DeviceCondition)])
    func conditions(status: NodeStatus, score: Int?, expected: DeviceCondition) {
        let event = NativeGoldens.logged(.nodeStatus(EyeNetGoldens.status(status, score: score)), offset: 1)
        #expect(written { EyeNetCodec.encode(event, into: &$0) }.contains("\"status\":\"\(expected.name)\""))
    }

    @Test(
        "What happened to the network, and what its devices are, have the document's names",
        arguments: [
            (TopologyChange.Kind.deviceAdded, "device_added"), (.deviceRemoved, "device_removed"),
            (.linkChange, "link_change"),
        ],
        [(TopologyDevice.Kind.router, "router"), (.switch, "switch"), (.endpoint, "endpoint")])
    func topologyNames(change: (TopologyChange.Kind, String), device: (TopologyDevice.Kind, String)) {
        let devices = [TopologyDevice(id: "device_id", kind: device.0, connections: ["device_id_1", "device_id_2"])]
        let event = RoomEvent.topologyChanged(
            TopologyChange(kind: change.0, devices: devices, at: NativeGoldens.time))
        let text = written { EyeNetCodec.encode(NativeGoldens.logged(event, offset: 1), into: &$0) }
        let shown = #"{"id":"device_id","type":"\#(device.1)","connections":["device_id_1","device_id_2"]}"#
        #expect(text.contains(#""changeType":"\#(change.1)","devices":[\#(shown)]"#), "\(text)")
    }

    @Test("Bandwidth is bytes a second of the sample's interval, however much an agent says")
    func bandwidth() {
        var sample = NodeSample(sequence: 1, takenAt: NativeGoldens.time, intervalMilliseconds: 0)
        let readings: [(UInt64, UInt32, String)] = [
            (1024, 1000, "1024"), (1024, 500, "2048"), (1000, 3000, "333"), (5, 0, "null"),
            (.max, 1, "18446744073709551615"), (.max, 1000, "18446744073709551000"),
        ]
        for (bytes, interval, expected) in readings {
            sample.host.networkReceivedBytes = bytes
            sample.intervalMilliseconds = interval
            let event = NativeGoldens.logged(.nodeMetrics(EyeNetGoldens.metrics(sample)), offset: 1)
            let text = written { EyeNetCodec.encode(event, into: &$0) }
            #expect(text.contains("\"bandwidth\":{\"in\":\(expected),\"out\":null}"), "\(text)")
        }
    }

    @Test("A client introduces itself by a token and a key, in any order and among others")
    func introductions() throws {
        func read(_ text: String) throws -> (token: String?, key: String?) {
            try text.withRaw { bytes in
                let read = try EyeNetCodec.introduction(bytes)
                return (read.token, read.publicKey.map { String(decoding: $0, as: UTF8.self) })
            }
        }
        #expect(try read("") == (nil, nil))
        #expect(try read("{}") == (nil, nil))
        #expect(try read(#"{"token":"t"}"#) == ("t", nil))
        #expect(try read(#"{"x":[1],"publicKey": {"kty":"oct"} ,"token":"t"}"#) == ("t", #"{"kty":"oct"}"#))
        #expect(try read(#"{"token":null,"publicKey":null}"#) == (nil, nil))
        let long = String(repeating: "t", count: Limits.tokenBytes + 1)
        for text in ["[]", #"{"token":7}"#, #"{"token":"\#(long)"}"#, #"{"token":"t""#] {
            #expect(throws: WireError.self, "\(text)") { try read(text) }
        }
        #expect(EyeNetCodec.connectErrorData(.tokenExpired) == #"{"code":"TOKEN_EXPIRED"}"#)
    }
}
