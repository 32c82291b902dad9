extension OpenAPI {
    /// The members of `paths` about alerts, predictions, the network and the platform.
    static let alertPaths: String = #"""
        "/api/v1/alerts": {
          "get": {
            "summary": "Alerts, newest first; needs node:read",
            "parameters": [
              {"$ref": "#/components/parameters/Limit"},
              {"$ref": "#/components/parameters/Cursor"},
              {
                "name": "status",
                "in": "query",
                "schema": {"type": "string"},
                "description": "new, acknowledged, resolved; several with commas between them"
              },
              {
                "name": "severity",
                "in": "query",
                "schema": {"type": "string"},
                "description": "info, warning, critical; several with commas between them"
              },
              {"name": "kind", "in": "query", "schema": {"type": "string"}},
              {"name": "node_id", "in": "query", "schema": {"type": "string", "format": "uuid"}}
            ],
            "responses": {\#(answer(200, "A page", "AlertPage")), \#(refused(400, 401, 403))}
          },
          "post": {
            "summary": "Raise an alert; needs broadcast",
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {"required": true, \#(content("AlertRequest"))},
            "responses": {
              \#(answer(200, "One of that kind is open already: it", "Alert")),
              \#(answer(201, "It is on disk", "Alert")),
              \#(refused(400, 401, 403, 409, 413, 415, 503))
            }
          }
        },
        "/api/v1/alerts/{alert_id}": {
          "parameters": [{"$ref": "#/components/parameters/AlertID"}],
          "get": {
            "summary": "One alert; needs node:read",
            "responses": {\#(answer(200, "The alert", "Alert")), \#(refused(401, 403, 404))}
          }
        },
        "/api/v1/alerts/{alert_id}/acknowledge": {
          "parameters": [{"$ref": "#/components/parameters/AlertID"}],
          "post": {
            "summary": "Say that somebody looks after it; needs admin",
            "responses": {\#(answer(200, "The alert", "Alert")), \#(refused(401, 403, 404, 409, 503))}
          }
        },
        "/api/v1/alerts/{alert_id}/resolve": {
          "parameters": [{"$ref": "#/components/parameters/AlertID"}],
          "post": {
            "summary": "Say that it is over; needs admin",
            "responses": {\#(answer(200, "The alert", "Alert")), \#(refused(401, 403, 404, 503))}
          }
        },
        "/api/v1/predictions": {
          "post": {
            "summary": "Tell of a prediction; needs broadcast",
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {"required": true, \#(content("PredictionRequest"))},
            "responses": {
              \#(answer(201, "It is on disk", "Predicted")), \#(refused(400, 401, 403, 409, 413, 415, 503))
            }
          }
        },
        "/api/v1/topology": {
          "get": {
            "summary": "The coordinator and the nodes behind it; needs node:read",
            "parameters": [{"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/Cursor"}],
            "responses": {\#(answer(200, "A page", "Topology")), \#(refused(400, 401, 403))}
          }
        },
        "/api/v1/analytics": {
          "get": {
            "summary": "What the platform does; needs analytics:read",
            "responses": {\#(answer(200, "The figures", "Analytics")), \#(refused(401, 403))}
          }
        }
        """#

    /// The members of `components.schemas` about the same.
    static let alertSchemas: StaticString = #"""
        "AlertRequest": {
          "type": "object",
          "properties": {
            "severity": {"type": "string", "enum": ["info", "warning", "critical"], "default": "warning"},
            "kind": {"type": ["string", "null"], "minLength": 1, "maxLength": 64},
            "node_id": {"type": ["string", "null"], "format": "uuid"},
            "message": {"type": "string", "minLength": 1, "maxLength": 2048},
            "value": {"type": ["number", "null"]},
            "threshold": {"type": ["number", "null"]},
            "unit": {"type": ["string", "null"], "maxLength": 16}
          },
          "required": ["message"],
          "additionalProperties": false
        },
        "Alert": {
          "type": "object",
          "properties": {
            "alert_id": {"type": "string", "format": "uuid"},
            "status": {"type": "string", "enum": ["new", "acknowledged", "resolved"]},
            "severity": {"type": "string", "enum": ["info", "warning", "critical"]},
            "kind": {"type": ["string", "null"]},
            "node_id": {"type": ["string", "null"], "format": "uuid"},
            "message": {"type": "string"},
            "value": {"type": ["number", "null"]},
            "threshold": {"type": ["number", "null"]},
            "unit": {"type": ["string", "null"]},
            "raised_by": {"type": ["string", "null"]},
            "raised_at": {"type": "string", "format": "date-time"},
            "acknowledged_by": {"type": ["string", "null"]},
            "acknowledged_at": {"type": ["string", "null"], "format": "date-time"},
            "resolved_by": {"type": ["string", "null"]},
            "resolved_at": {"type": ["string", "null"], "format": "date-time"},
            "updated_by": {"type": ["string", "null"]},
            "updated_at": {"type": "string", "format": "date-time"}
          },
          "required": ["alert_id", "status", "severity", "message", "raised_at", "updated_at"]
        },
        "AlertPage": {
          "type": "object",
          "properties": {
            "alerts": {"type": "array", "items": {"$ref": "#/components/schemas/Alert"}},
            "next_cursor": {"type": ["string", "null"]}
          },
          "required": ["alerts", "next_cursor"]
        },
        "PredictionRequest": {
          "type": "object",
          "properties": {
            "status": {"type": "string", "enum": ["completed", "failed"]},
            "results": {
              "type": "array",
              "maxItems": 100,
              "items": {
                "type": "object",
                "properties": {
                  "label": {"type": "string", "minLength": 1, "maxLength": 128},
                  "confidence": {"type": "number", "minimum": 0, "maximum": 1}
                },
                "required": ["label", "confidence"],
                "additionalProperties": false
              }
            },
            "node_id": {"type": ["string", "null"], "format": "uuid"},
            "model": {"type": ["string", "null"], "maxLength": 128},
            "message": {"type": ["string", "null"], "maxLength": 2048}
          },
          "required": ["status"],
          "additionalProperties": false
        },
        "Predicted": {
          "type": "object",
          "properties": {
            "prediction_id": {"type": "string", "format": "uuid"},
            "room": {"type": "string"},
            "epoch": {"type": "integer"},
            "offset": {"type": "integer"}
          }
        },
        "Topology": {
          "type": "object",
          "properties": {
            "devices": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "id": {"type": "string"},
                  "type": {"type": "string", "enum": ["router", "switch", "endpoint"]},
                  "name": {"type": ["string", "null"]},
                  "connections": {"type": "array", "items": {"type": "string"}}
                }
              }
            },
            "next_cursor": {"type": ["string", "null"]}
          },
          "required": ["devices", "next_cursor"]
        },
        "Analytics": {
          "type": "object",
          "properties": {
            "timestamp": {"type": "string", "format": "date-time"},
            "metrics": {
              "type": "object",
              "properties": {
                "active_users": {"type": "integer"},
                "active_nodes": {"type": "integer"},
                "tasks_per_minute": {"type": "integer"},
                "average_response_time": {"type": ["number", "null"]},
                "network_utilization": {"type": ["number", "null"]}
              }
            },
            "alerts": {"type": "array", "items": {"type": "object"}}
          }
        }
        """#
}
