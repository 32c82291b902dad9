extension OpenAPI {
    /// The members of `components.schemas` but for those about tasks.
    static let schemas: StaticString = #"""
        "Error": {
          "type": "object",
          "properties": {
            "error": {
              "type": "object",
              "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
              "required": ["code", "message"]
            }
          },
          "required": ["error"]
        },
        "Status": {
          "type": "object",
          "properties": {"status": {"type": "string"}, "reason": {"type": "string"}},
          "required": ["status"]
        },
        "WebSocketStatistics": {
          "type": "object",
          "properties": {
            "success": {"type": "boolean"},
            "stats": {
              "type": "object",
              "properties": {
                "totalClients": {"type": "integer"},
                "totalSubscriptions": {"type": "integer"},
                "subscriptionDetails": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "properties": {
                      "subscriptionId": {"type": "string"},
                      "subscriberCount": {"type": "integer"}
                    }
                  }
                }
              }
            }
          }
        },
        "Node": {
          "type": "object",
          "properties": {
            "node_id": {"type": "string", "format": "uuid"},
            "name": {"type": "string"},
            "owner_id": {"type": "string"},
            "status": {"type": "string", "enum": ["online", "busy", "draining", "offline"]},
            "current_task": {"type": ["string", "null"], "format": "uuid"},
            "connected": {"type": "boolean"},
            "price_per_hour": {"type": ["number", "null"]},
            "health_score": {"type": ["integer", "null"], "minimum": 0, "maximum": 100}
          },
          "required": ["node_id", "name", "owner_id", "status"],
          "additionalProperties": true
        },
        "NodePage": {
          "type": "object",
          "properties": {
            "nodes": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
            "next_cursor": {"type": ["string", "null"]}
          },
          "required": ["nodes", "next_cursor"]
        },
        "Quarantine": {
          "type": "object",
          "properties": {"detail": {"type": "string", "maxLength": 1024}},
          "additionalProperties": false
        },
        "Trust": {
          "type": "object",
          "properties": {
            "trust": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "node_id": {"type": "string", "format": "uuid"},
                  "quarantine": {"type": ["string", "null"]},
                  "detail": {"type": ["string", "null"]},
                  "since": {"type": ["string", "null"], "format": "date-time"},
                  "verified_results": {"type": "integer"},
                  "failed_challenges": {"type": "integer"}
                }
              }
            },
            "next_cursor": {"type": "null"}
          }
        },
        "Notification": {
          "type": "object",
          "properties": {
            "level": {"type": "string", "enum": ["info", "warning", "error", "critical"]},
            "title": {"type": "string", "maxLength": 256},
            "message": {"type": "string", "maxLength": 4096},
            "scheduled_time": {"type": ["string", "null"], "format": "date-time"},
            "estimated_duration": {"type": ["integer", "null"], "minimum": 0},
            "affected_services": {"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": 32}
          },
          "required": ["title", "message"],
          "additionalProperties": false
        },
        "Notified": {
          "type": "object",
          "properties": {
            "notification_id": {"type": "string", "format": "uuid"},
            "room": {"type": "string"},
            "epoch": {"type": "integer"},
            "offset": {"type": "integer"}
          }
        },
        "Balances": {
          "type": "object",
          "properties": {
            "user_id": {"type": "string"},
            "balances": {
              "type": "object",
              "additionalProperties": {
                "type": "object",
                "properties": {
                  "total": {"type": "number"},
                  "available": {"type": "number"},
                  "locked": {"type": "number"}
                }
              }
            }
          }
        }
        """#
}
