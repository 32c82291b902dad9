internal import Bytes

/// What `GET /openapi.json` answers: every path of ``Route`` with its methods, parameters and bodies (OpenAPI 3.1).
///
/// The text is written, not derived from the code: it is what clients were promised. A test holds both together.
/// Only what recurs in its paths is put in by name.
enum OpenAPI {
    /// The whole document, put together once.
    static let document: ByteBuffer = {
        var text = ByteBuffer()
        text.append(head)
        text.append(",\n\"paths\": {\n")
        text.append(nodePaths)
        text.append(",\n")
        text.append(taskPaths)
        text.append(",\n")
        text.append(alertPaths)
        text.append(",\n")
        text.append(channelPaths)
        text.append(",\n")
        text.append(triggerXPaths)
        text.append("\n},\n\"components\": {\n")
        text.append(shared)
        text.append(",\n\"schemas\": {\n")
        text.append(schemas)
        text.append(",\n")
        text.append(taskSchemas)
        text.append(",\n")
        text.append(alertSchemas)
        text.append(",\n")
        text.append(channelSchemas)
        text.append(",\n")
        text.append(triggerXSchemas)
        text.append("\n}}}\n")
        return text
    }()

    // MARK: What recurs in paths

    /// A member of `responses`: a body of that schema.
    static func answer(_ status: Int, _ description: String, _ schema: String) -> String {
        #""\#(status)": {"description": "\#(description)", \#(content(schema))}"#
    }

    /// Members of `responses`: with these statuses the request may be refused.
    static func refused(_ statuses: Int...) -> String {
        statuses.map { ##""\##($0)": {"$ref": "#/components/responses/Refused"}"## }.joined(separator: ", ")
    }

    /// The `content` of a body of that schema.
    static func content(_ schema: String) -> String {
        ##""content": {"application/json": {"schema": {"$ref": "#/components/schemas/\##(schema)"}}}"##
    }

    // MARK: What paths share

    private static let head: StaticString = #"""
        {"openapi": "3.1.0",
        "info": {
          "title": "NeuroGrid",
          "version": "1.0.0",
          "description": "Nodes, tasks and accounts of a grid. What one may do is what one's token says.",
          "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        },
        "security": [{"bearer": []}]
        """#

    private static let shared: StaticString = #"""
        "securitySchemes": {
          "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
          "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
        },
        "parameters": {
          "Limit": {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
            "description": "How many at most"
          },
          "Cursor": {
            "name": "cursor",
            "in": "query",
            "schema": {"type": "string"},
            "description": "The next_cursor of an earlier answer"
          },
          "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
            "description": "The same key with the same body is the same request"
          },
          "NodeID": {
            "name": "node_id",
            "in": "path",
            "required": true,
            "schema": {"type": "string", "format": "uuid"}
          },
          "TaskID": {
            "name": "task_id",
            "in": "path",
            "required": true,
            "schema": {"type": "string"},
            "description": "The task's UUID or its number"
          },
          "AlertID": {
            "name": "alert_id",
            "in": "path",
            "required": true,
            "schema": {"type": "string", "format": "uuid"}
          },
          "JobID": {"name": "job_id", "in": "path", "required": true, "schema": {"type": "string"}}
        },
        "responses": {
          "Refused": {
            "description": "Refused, with a code",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
          },
          "RefusedTask": {
            "description": "Refused, with a code",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TriggerXError"}}}
          }
        }
        """#
}
