public import Bytes
public import Grid

/// Alerts, predictions, the network and the platform over REST (docs/rest.md).
extension RESTCodec {
    /// Reads the body of `POST /api/v1/alerts`.
    ///
    /// - Throws: a ``WireError`` that names the field; a key that is not known is one.
    public static func alert(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> AlertContent {
        try AlertDecoder.decode(bytes)
    }

    /// Reads the body of `POST /api/v1/predictions`.
    ///
    /// - Throws: a ``WireError`` that names the field; a key that is not known is one.
    public static func prediction(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> PredictionContent {
        try PredictionDecoder.decode(bytes)
    }

    /// An alert: `GET /api/v1/alerts/{id}`, and what is answered to whoever raised or changed it.
    public static func alert(_ alert: Alert, into buffer: inout ByteBuffer) {
        buffer.appendJSON { write(alert, to: &$0) }
    }

    /// `GET /api/v1/alerts`: a page of alerts, and where the next one begins.
    public static func alerts(_ alerts: [Alert], next: AlertCursor?, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.key("alerts")
            writer.beginArray()
            for alert in alerts { write(alert, to: &writer) }
            writer.endArray()
            writer.field("next_cursor", next?.description)
            writer.endObject()
        }
    }

    private static func write(_ alert: Alert, to writer: inout JSONWriter) {
        writer.beginObject()
        AlertPayload.fields(alert, to: &writer)
        writer.endObject()
    }

    /// `POST /api/v1/predictions`: what to call the prediction, and where it stands in its room's log.
    public static func predicted(_ id: UUID128, at position: LogPosition, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.field("prediction_id", id)
            writer.field("room", BaseRoom.predictions.name)
            writer.field("epoch", position.epoch)
            writer.field("offset", position.offset)
            writer.endObject()
        }
    }

    /// `GET /api/v1/topology`: a page of the network's devices, and where the next one begins.
    public static func topology(_ devices: [TopologyDevice], next: NodeID?, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            writer.beginObject()
            writer.key("devices")
            TopologyPayload.devices(devices, to: &writer)
            writer.field("next_cursor", next)
            writer.endObject()
        }
    }

    /// `GET /api/v1/analytics`: the platform's figures at present.
    public static func analytics(_ event: AnalyticsUpdated, into buffer: inout ByteBuffer) {
        buffer.appendJSON { NativeAlertEvents.write(event, to: &$0) }
    }
}
