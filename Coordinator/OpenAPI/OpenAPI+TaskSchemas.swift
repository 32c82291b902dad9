extension OpenAPI {
    /// The members of `components.schemas` about tasks and jobs.
    static let taskSchemas: StaticString = #"""
        "TaskFields": {
          "type": "object",
          "properties": {
            "runner": {
              "type": ["string", "null"],
              "pattern": "^[A-Za-z0-9_-]{1,64}$",
              "description": "null for a task that an outside party runs"
            },
            "arguments": {
              "type": "object",
              "properties": {},
              "maxProperties": 64,
              "propertyNames": {"pattern": "^[a-z0-9_]{1,64}$"},
              "additionalProperties": {"type": ["string", "integer", "boolean"]}
            },
            "input": {"description": "Any JSON value of at most 65536 bytes"},
            "gpu_count": {"type": ["integer", "null"], "minimum": 0, "maximum": 64},
            "gpu_milli": {
              "type": ["integer", "null"],
              "minimum": 1,
              "maximum": 999,
              "description": "A share of one GPU; excludes gpu_count"
            },
            "gpu_models": {"type": "array", "items": {"type": "string", "maxLength": 256}, "maxItems": 64},
            "vram_mib": {"type": "integer", "minimum": 0, "maximum": 2147483647},
            "cpu_milli": {"type": "integer", "minimum": 0, "maximum": 2147483647},
            "memory_mib": {"type": "integer", "minimum": 0, "maximum": 2147483647},
            "region": {"type": ["string", "null"], "maxLength": 64},
            "price_cap": {
              "type": "number",
              "minimum": 0,
              "maximum": 1000,
              "default": 10,
              "description": "Credits for an hour of a whole GPU"
            },
            "priority": {"type": "integer", "minimum": 0, "maximum": 10, "default": 5},
            "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": 3888000, "default": 3600},
            "attempts": {"type": "integer", "minimum": 1, "maximum": 20, "default": 5},
            "gang_size": {"type": "integer", "minimum": 1, "maximum": 1024, "default": 1},
            "currency": {"type": "string", "pattern": "^[A-Z][A-Z0-9]{0,7}$", "default": "USD"},
            "model": {"type": ["string", "null"], "maxLength": 256},
            "estimated_duration": {
              "type": ["integer", "null"],
              "minimum": 1,
              "maximum": 3888000,
              "description": "Seconds"
            },
            "task_definition_id": {"type": ["integer", "null"], "minimum": 0},
            "is_imua": {"type": ["boolean", "null"]}
          }
        },
        "Runs": {"type": "object", "properties": {"runner": {"type": "string"}}, "required": ["runner"]},
        "TaskSubmission": {
          "allOf": [
            {"$ref": "#/components/schemas/TaskFields"},
            {"$ref": "#/components/schemas/Runs"},
            {
              "type": "object",
              "properties": {"job_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 128}}
            }
          ],
          "unevaluatedProperties": false
        },
        "JobSubmission": {
          "type": "object",
          "properties": {
            "job_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 128},
            "tasks": {
              "type": "array",
              "items": {
                "allOf": [{"$ref": "#/components/schemas/TaskFields"}, {"$ref": "#/components/schemas/Runs"}],
                "unevaluatedProperties": false
              },
              "minItems": 1,
              "maxItems": 1000
            }
          },
          "required": ["tasks"],
          "additionalProperties": false
        },
        "Outcome": {
          "type": "object",
          "properties": {
            "result": {
              "oneOf": [
                {
                  "type": "object",
                  "properties": {
                    "output": {},
                    "tokens_used": {"type": ["integer", "null"]},
                    "processing_time": {"type": "number"},
                    "fault": {"type": ["string", "null"]},
                    "exit_status": {"type": ["integer", "null"]},
                    "signal": {"type": ["integer", "null"]},
                    "message": {"type": ["string", "null"]},
                    "digest": {"type": ["string", "null"]}
                  }
                },
                {"type": "null"}
              ]
            },
            "cost": {
              "oneOf": [
                {"type": "object", "properties": {"amount": {"type": "number"}, "currency": {"type": "string"}}},
                {"type": "null"}
              ]
            }
          }
        },
        "Placement": {
          "type": "object",
          "properties": {
            "winner": {
              "type": "object",
              "properties": {
                "price": {"type": "number"},
                "hazard": {"type": "number"},
                "fragmentation": {"type": "number"},
                "total": {"type": "number"}
              }
            },
            "runner_up": {
              "oneOf": [
                {
                  "type": "object",
                  "properties": {
                    "node_id": {"type": "string", "format": "uuid"},
                    "price": {"type": "number"},
                    "hazard": {"type": "number"},
                    "fragmentation": {"type": "number"},
                    "total": {"type": "number"}
                  }
                },
                {"type": "null"}
              ]
            },
            "difference": {"type": ["number", "null"]},
            "backfill": {"type": "boolean"}
          }
        },
        "Member": {
          "type": "object",
          "properties": {
            "member": {"type": "integer"},
            "node_id": {"type": "string", "format": "uuid"},
            "gpus": {"type": "array", "items": {"type": "integer"}},
            "gpu_milli": {"type": "integer"},
            "billable_milli": {"type": "integer"},
            "price_per_hour": {"type": "number"},
            "phase": {"type": "string", "enum": ["offered", "started", "ended"]},
            "started_at": {"type": ["string", "null"], "format": "date-time"},
            "ran_seconds": {"type": ["number", "null"]},
            "placement": {"$ref": "#/components/schemas/Placement"}
          }
        },
        "Task": {
          "allOf": [
            {"$ref": "#/components/schemas/TaskFields"},
            {"$ref": "#/components/schemas/Outcome"},
            {
              "type": "object",
              "properties": {
                "task_id": {"type": "string", "format": "uuid"},
                "task_number": {"type": "integer", "minimum": 1},
                "job_id": {"type": "string"},
                "user_id": {"type": "string"},
                "status": {
                  "type": "string",
                  "enum": ["pending", "assigned", "running", "completed", "failed", "cancelled", "lost"]
                },
                "node_id": {"type": ["string", "null"], "format": "uuid"},
                "epoch": {"type": "integer", "minimum": 0},
                "attempts_used": {"type": "integer", "minimum": 0},
                "progress": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
                "stage": {"type": ["string", "null"]},
                "message": {"type": ["string", "null"]},
                "eta_seconds": {"type": ["integer", "null"]},
                "held": {"type": "number"},
                "fee": {"type": ["number", "null"]},
                "created_at": {"type": "string", "format": "date-time"},
                "updated_at": {"type": "string", "format": "date-time"},
                "assigned_at": {"type": ["string", "null"], "format": "date-time"},
                "started_at": {"type": ["string", "null"], "format": "date-time"},
                "ended_at": {"type": ["string", "null"], "format": "date-time"},
                "excluded_nodes": {"type": "array", "items": {"type": "string", "format": "uuid"}},
                "members": {"type": "array", "items": {"$ref": "#/components/schemas/Member"}},
                "execution": {"$ref": "#/components/schemas/TaskExecution"}
              },
              "required": ["task_id", "task_number", "job_id", "status"]
            }
          ]
        },
        "TaskPage": {
          "type": "object",
          "properties": {
            "tasks": {"type": "array", "items": {"$ref": "#/components/schemas/Task"}},
            "next_cursor": {"type": ["string", "null"]}
          },
          "required": ["tasks", "next_cursor"]
        },
        "SubmittedJob": {
          "type": "object",
          "properties": {
            "job_id": {"type": "string"},
            "tasks": {"type": "array", "items": {"$ref": "#/components/schemas/Task"}}
          },
          "required": ["job_id", "tasks"]
        },
        "TaskResult": {
          "allOf": [
            {"$ref": "#/components/schemas/Outcome"},
            {
              "type": "object",
              "properties": {
                "task_id": {"type": "string", "format": "uuid"},
                "status": {
                  "type": "string",
                  "enum": ["pending", "assigned", "running", "completed", "failed", "cancelled", "lost"]
                }
              }
            }
          ]
        },
        "TaskLog": {
          "type": "object",
          "properties": {
            "chunks": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "stream": {"type": "string", "enum": ["stdout", "stderr"]},
                  "offset": {"type": "integer", "minimum": 0},
                  "text": {"type": "string"}
                }
              }
            },
            "next": {"type": "integer", "minimum": 0},
            "missed": {"type": "integer", "minimum": 0},
            "complete": {"type": "boolean"}
          }
        },
        "Job": {
          "type": "object",
          "properties": {
            "job_id": {"type": "string"},
            "user_id": {"type": "string"},
            "status": {
              "type": "string",
              "enum": ["pending", "assigned", "running", "completed", "failed", "cancelled", "lost"]
            },
            "progress": {"type": "integer", "minimum": 0, "maximum": 100},
            "counts": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
            "tasks": {"type": "array", "items": {"type": "string", "format": "uuid"}},
            "created_at": {"type": "string", "format": "date-time"}
          }
        },
        "JobPage": {
          "type": "object",
          "properties": {
            "jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
            "next_cursor": {"type": ["string", "null"]}
          },
          "required": ["jobs", "next_cursor"]
        }
        """#
}
