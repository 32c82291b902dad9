import Grid
import Testing

@testable import Wire

@Suite("Alerts and predictions as they are sent")
struct AlertDecoderTests {
    private func alert(_ text: String) -> Result<AlertContent, WireError> {
        text.withRaw { bytes in Result { () throws(WireError) in try RESTCodec.alert(bytes) } }
    }

    private func prediction(_ text: String) -> Result<PredictionContent, WireError> {
        text.withRaw { bytes in Result { () throws(WireError) in try RESTCodec.prediction(bytes) } }
    }

    @Test("The documented bodies, and the least ones")
    func bodies() throws {
        #expect(try alert(Goldens.text("rest/alert_request")).get() == AlertGoldens.request)
        #expect(try alert(#"{"message":"m"}"#).get() == AlertContent(message: "m"))
        let nulls = #"{"message":"m","severity":null,"kind":null,"node_id":null,"value":null,"unit":null}"#
        #expect(try alert(nulls).get() == AlertContent(message: "m"))
        #expect(
            try prediction(Goldens.text("rest/prediction_request")).get() == AlertGoldens.prediction.content)
        let least = PredictionContent(status: .failed, results: [])
        #expect(try prediction(#"{"status":"failed"}"#).get() == least)
        #expect(try prediction(#"{"status":"failed","results":[]}"#).get() == least)
    }

    @Test(
        "Whatever is wrong with an alert is refused with the field's name",
        arguments: [
            ("[]", ""), ("{", ""), ("{}", "message"), (#"{"message":""}"#, "message"), (#"{"message":1}"#, "message"),
            (#"{"message":"m","severity":"loud"}"#, "severity"), (#"{"message":"m","sevrity":"info"}"#, "\"sevrity\""),
            (#"{"message":"m","kind":""}"#, "kind"), (#"{"message":"m","node_id":"x"}"#, "node_id"),
            (#"{"message":"m","value":"1"}"#, "value"), (#"{"message":"m","value":1e16}"#, "value"),
            (#"{"message":"m","threshold":-1000000000000.001}"#, "threshold"),
            (#"{"message":"m","unit":"0123456789abcdefg"}"#, "unit"), (#"{"message":"m\u0000"}"#, "message"),
            (#"{"message":"m"} x"#, ""),
        ])
    func alertFaults(_ text: String, _ field: String) {
        guard case .failure(let error) = alert(text) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(error.field == field && error.refusal.code == .badRequest)
    }

    @Test(
        "Whatever is wrong with a prediction is refused with the field's name",
        arguments: [
            ("{}", "status"), (#"{"status":"running"}"#, "status"),
            (#"{"status":"completed","results":{}}"#, "results"), (#"{"status":"completed","results":[1]}"#, "results"),
            (#"{"status":"completed","results":[{}]}"#, "results.label"),
            (#"{"status":"completed","results":[{"label":"l"}]}"#, "results.confidence"),
            (#"{"status":"completed","results":[{"label":"l","confidence":1.000001}]}"#, "results.confidence"),
            (#"{"status":"completed","results":[{"label":"l","confidence":-0.1}]}"#, "results.confidence"),
            (#"{"status":"completed","results":[{"label":"","confidence":1}]}"#, "results.label"),
            (#"{"status":"completed","results":[{"label":"l","confidence":1,"x":1}]}"#, "\"x\""),
            (#"{"status":"failed","results":[{"label":"l","confidence":1}]}"#, "results"),
            (#"{"status":"completed","result":[]}"#, "\"result\""), (#"{"status":"failed","model":""}"#, "model"),
        ])
    func predictionFaults(_ text: String, _ field: String) {
        guard case .failure(let error) = prediction(text) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(error.field == field && error.refusal.code == .badRequest)
    }

    @Test("Texts and lists are held to their limits, to the byte")
    func lengths() throws {
        func text(_ count: Int) -> String { String(repeating: "x", count: count) }
        func body(message: Int, kind: Int = 1) -> String {
            "{\"message\":\"\(text(message))\",\"kind\":\"\(text(kind))\"}"
        }
        #expect(try alert(body(message: Limits.alertMessageBytes, kind: Limits.alertKindBytes)).get().isWithinLimits)
        #expect(throws: WireError.self) { try alert(body(message: Limits.alertMessageBytes + 1)).get() }
        #expect(throws: WireError.self) { try alert(body(message: 1, kind: Limits.alertKindBytes + 1)).get() }
        func results(_ count: Int) -> String {
            let one = "{\"label\":\"\(text(Limits.predictionLabelBytes))\",\"confidence\":1}"
            return "{\"status\":\"completed\",\"results\":["
                + Array(repeating: one, count: count).joined(separator: ",") + "]}"
        }
        #expect(try prediction(results(Limits.predictionResults)).get().isWithinLimits)
        #expect(throws: WireError.self) { try prediction(results(Limits.predictionResults + 1)).get() }
    }
}
