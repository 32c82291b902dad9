import Bytes
import Grid
import Testing

@testable import Wire

@Suite("EyeNet dialect: sensitive fields")
struct EyeNetSealingTests {
    /// Which members a sealed copy has in place of which values.
    private func sealed(_ text: String) -> (text: String, values: [String]) {
        var values: [String] = []
        let result = text.withRaw { bytes in
            written { buffer in
                EyeNetSealing.seal(bytes, into: &buffer) { value, writer in
                    values.append(String(decoding: value, as: UTF8.self))
                    writer.string("sealed")
                }
            }
        }
        return (result, values)
    }

    @Test(
        "What is sensitive is replaced, everything else stays",
        arguments: [
            ("alert_new", ["\"GPU 0 is at 95.5 °C, above 90 °C\""]), ("alert_update", ["\"user123\""]),
            ("ml_prediction", [#"[{"label":"anomaly_type","confidence":0.95}]"#]), ("ml_prediction_failed", ["[]"]),
        ])
    func replaced(name: String, expected: [String]) throws {
        let event = try Goldens.text("eyenet/" + name)
        #expect(event.withRaw { EyeNetSealing.concerns($0) })
        let (text, values) = sealed(event)
        #expect(values == expected)
        var plain = event
        for value in expected { plain = plain.replacing(value, with: "\"sealed\"") }
        #expect(text == plain)
    }

    @Test("Who resolved an alert by itself is nobody, and no secret")
    func null() throws {
        let event = try Goldens.text("eyenet/alert_update_resolved")
        #expect(event.contains("\"updatedBy\":null"))
        #expect(sealed(event) == (event, []))
    }

    @Test(
        "Other events have nothing sensitive",
        arguments: ["device_status", "device_metrics", "topology_update", "device_status_down"])
    func others(_ name: String) throws {
        #expect(try !Goldens.text("eyenet/" + name).withRaw { EyeNetSealing.concerns($0) })
        for text in ["", "[", "[\"alert:new", "[\"alert:newer\",{}]"] {
            #expect(!text.withRaw { EyeNetSealing.concerns($0) })
        }
    }
}
