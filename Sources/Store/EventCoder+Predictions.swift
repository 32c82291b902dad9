import Bytes
import Grid

/// Predictions as the Store keeps them.
extension EventCoder {
    static func write(_ event: Prediction, to writer: inout JSONWriter) {
        let content = event.content
        writer.field("id", event.id.description)
        writer.field("status", content.status.name)
        writer.array("results", content.results) { writer, result in
            writer.beginObject()
            writer.field("label", result.label)
            writer.field("confidence_millionths", result.confidenceMillionths)
            writer.endObject()
        }
        writer.present("node", content.node?.description)
        writer.present("model", content.model)
        writer.present("message", content.message)
        writer.field("sender", event.sender.text)
        writer.present("request_key", event.requestKey)
        writer.field("made_at", event.madeAt.milliseconds)
    }

    static func prediction(_ reader: inout JSONReader) throws(JSONError) -> Prediction {
        var (id, status, results, sender): (UUID128?, PredictionStatus?, [PredictionResult]?, String?)
        var (node, model, message, requestKey, madeAt): (NodeID?, String?, String?, String?, Int64?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "id": id = try reader.readNamed { UUID128($0) }
            case "status": status = try reader.readNamed { PredictionStatus(rawValue: $0) }
            case "results": results = try reader.readArray(predictionResult)
            case "node": node = try reader.readNamed { NodeID($0) }
            case "model": model = try reader.readString()
            case "message": message = try reader.readString()
            case "sender": sender = try reader.readString()
            case "request_key": requestKey = try reader.readString()
            case "made_at": madeAt = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        return Prediction(
            id: try reader.required(id),
            content: PredictionContent(
                status: try reader.required(status), results: try reader.required(results), node: node, model: model,
                message: message),
            sender: UserID(try reader.required(sender)), requestKey: requestKey,
            madeAt: Timestamp(milliseconds: try reader.required(madeAt)))
    }

    private static func predictionResult(_ reader: inout JSONReader) throws(JSONError) -> PredictionResult {
        var (label, confidence): (String?, Int64?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "label": label = try reader.readString()
            case "confidence_millionths": confidence = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        return PredictionResult(
            label: try reader.required(label), confidenceMillionths: try reader.required(confidence))
    }
}
