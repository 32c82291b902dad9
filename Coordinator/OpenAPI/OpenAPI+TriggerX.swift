extension OpenAPI {
    /// Members of `responses` of the dialect's requests: with these statuses they may be refused.
    private static func refusedTask(_ statuses: Int...) -> String {
        statuses.map { ##""\##($0)": {"$ref": "#/components/responses/RefusedTask"}"## }.joined(separator: ", ")
    }

    /// The members of `paths` of the TriggerX dialect.
    static let triggerXPaths: String = #"""
        "/api/tasks": {
          "post": {
            "summary": "Submit a task as TriggerX does; an external one unless its definition has a runner here",
            "security": [{"key": []}],
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {"required": true, \#(content("TriggerXSubmission"))},
            "responses": {
              \#(answer(201, "The task, on disk", "TriggerXTask")),
              \#(refusedTask(400, 401, 402, 403, 409, 413, 415, 422, 429, 503))
            }
          }
        },
        "/api/tasks/execution/{task_id}": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "put": {
            "summary": "Tell of an external task's execution and attestation",
            "security": [{"key": []}],
            "requestBody": {"required": true, \#(content("TriggerXReport"))},
            "responses": {
              \#(answer(200, "The task, on disk", "TriggerXTask")),
              \#(refusedTask(400, 401, 403, 404, 413, 415, 429, 503))
            }
          }
        },
        "/api/tasks/{task_id}/fee": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "put": {
            "summary": "Tell what a task costs elsewhere",
            "security": [{"key": []}],
            "requestBody": {"required": true, \#(content("TriggerXFee"))},
            "responses": {
              \#(answer(200, "The task, on disk", "TriggerXTask")),
              \#(refusedTask(400, 401, 404, 413, 415, 429, 503))
            }
          }
        },
        "/api/ws/stats": {
          "get": {
            "summary": "TriggerX clients and their rooms; needs admin, but on loopback",
            "responses": {\#(answer(200, "Counts", "TriggerXStatistics")), \#(refused(401, 403))}
          }
        },
        "/api/ws/health": {
          "get": {
            "summary": "TriggerX connections and rooms",
            "security": [],
            "responses": {\#(answer(200, "Counts", "WebSocketHealth"))}
          }
        }
        """#

    /// The members of `components.schemas` of the TriggerX dialect.
    static let triggerXSchemas: StaticString = #"""
        "TriggerXError": {
          "allOf": [
            {"$ref": "#/components/schemas/Error"},
            {
              "type": "object",
              "properties": {
                "type": {"const": "ERROR"},
                "data": {
                  "type": "object",
                  "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                  "required": ["code", "message"]
                },
                "timestamp": {"type": "string", "format": "date-time"}
              },
              "required": ["type", "data", "timestamp"]
            }
          ]
        },
        "TriggerXSubmission": {
          "type": "object",
          "properties": {
            "job_id": {"type": ["string", "integer"], "minLength": 1, "maxLength": 128, "minimum": 0},
            "task_definition_id": {"type": ["integer", "null"], "minimum": 0},
            "is_imua": {"type": ["boolean", "null"]}
          },
          "required": ["job_id"]
        },
        "TriggerXFee": {
          "type": "object",
          "properties": {"fee": {"type": "number", "minimum": 0}},
          "required": ["fee"]
        },
        "TaskExecution": {
          "type": "object",
          "properties": {
            "task_performer_id": {"type": ["integer", "null"], "minimum": 0},
            "execution_timestamp": {"type": ["string", "null"], "format": "date-time"},
            "execution_tx_hash": {"type": ["string", "null"], "maxLength": 256},
            "task_opx_cost": {"type": ["number", "null"], "minimum": 0},
            "proof_of_task": {"type": ["string", "null"], "maxLength": 4096},
            "task_attester_ids": {
              "type": ["array", "null"],
              "items": {"type": "integer", "minimum": 0},
              "maxItems": 256
            },
            "tp_signature": {"type": ["string", "null"], "maxLength": 1024},
            "ta_signature": {"type": ["string", "null"], "maxLength": 1024},
            "task_submission_tx_hash": {"type": ["string", "null"], "maxLength": 256},
            "is_accepted": {"type": ["boolean", "null"]},
            "is_successful": {"type": ["boolean", "null"]}
          }
        },
        "TriggerXReport": {
          "allOf": [
            {"$ref": "#/components/schemas/TaskExecution"},
            {
              "type": "object",
              "properties": {"status": {"enum": ["running", "completed", "failed", null]}},
              "minProperties": 1
            }
          ]
        },
        "TriggerXTask": {
          "allOf": [
            {"$ref": "#/components/schemas/TaskExecution"},
            {
              "type": "object",
              "properties": {
                "task_id": {"type": "integer", "minimum": 1},
                "task_uuid": {"type": "string", "format": "uuid"},
                "job_id": {"type": "string"},
                "user_id": {"type": "string"},
                "task_definition_id": {"type": ["integer", "null"]},
                "is_imua": {"type": ["boolean", "null"]},
                "status": {"type": "string"},
                "fee": {"type": ["number", "null"]},
                "created_at": {"type": "string", "format": "date-time"},
                "updated_at": {"type": "string", "format": "date-time"}
              },
              "required": ["task_id", "task_uuid", "job_id", "user_id", "status"]
            }
          ]
        },
        "TriggerXStatistics": {
          "type": "object",
          "properties": {
            "status": {"const": "success"},
            "data": {
              "type": "object",
              "properties": {
                "total_clients": {"type": "integer"},
                "total_rooms": {"type": "integer"},
                "rooms": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}
              }
            }
          }
        },
        "WebSocketHealth": {
          "type": "object",
          "properties": {
            "status": {"type": "string"},
            "timestamp": {"type": "integer"},
            "websocket": {
              "type": "object",
              "properties": {"active_connections": {"type": "integer"}, "active_rooms": {"type": "integer"}}
            }
          }
        }
        """#
}
