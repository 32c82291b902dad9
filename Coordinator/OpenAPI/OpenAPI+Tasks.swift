extension OpenAPI {
    /// The members of `paths` about tasks, jobs and accounts.
    static let taskPaths: StaticString = #"""
        "/api/v1/tasks": {
          "get": {
            "summary": "One's own tasks, everybody's for an admin, newest first; needs task:submit",
            "parameters": [
              {"$ref": "#/components/parameters/Limit"},
              {"$ref": "#/components/parameters/Cursor"},
              {
                "name": "state",
                "in": "query",
                "schema": {"type": "string"},
                "description": "States, with commas between them"
              },
              {"name": "job", "in": "query", "schema": {"type": "string"}, "description": "A job's id"},
              {
                "name": "node",
                "in": "query",
                "schema": {"type": "string", "format": "uuid"},
                "description": "A node's id"
              },
              {
                "name": "user_id",
                "in": "query",
                "schema": {"type": "string"},
                "description": "An owner; another than oneself for an admin only"
              }
            ],
            "responses": {
              "200": {
                "description": "A page",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TaskPage"}}}
              },
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"}
            }
          },
          "post": {
            "summary": "Submit a task; needs task:submit",
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {
              "required": true,
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TaskSubmission"}}}
            },
            "responses": {
              "201": {
                "description": "The task, on disk, its price cap set aside",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}
              },
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "402": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "409": {"$ref": "#/components/responses/Refused"},
              "413": {"$ref": "#/components/responses/Refused"},
              "415": {"$ref": "#/components/responses/Refused"},
              "422": {"$ref": "#/components/responses/Refused"},
              "429": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/tasks/{task_id}": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "get": {
            "summary": "One task, and why it went where it went",
            "responses": {
              "200": {
                "description": "The task",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"}
            }
          },
          "delete": {
            "summary": "Cancel the task",
            "responses": {
              "200": {
                "description": "The task",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"},
              "409": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/tasks/{task_id}/cancel": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "post": {
            "summary": "Cancel the task",
            "responses": {
              "200": {
                "description": "The task",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"},
              "409": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/tasks/{task_id}/result": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "get": {
            "summary": "What the task gave and cost",
            "responses": {
              "200": {
                "description": "Both null before its end",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TaskResult"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/tasks/{task_id}/log": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "get": {
            "summary": "What the task wrote",
            "parameters": [
              {
                "name": "from",
                "in": "query",
                "schema": {"type": "integer", "minimum": 0},
                "description": "The next of an earlier answer"
              }
            ],
            "responses": {
              "200": {
                "description": "A piece",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TaskLog"}}}
              },
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/jobs": {
          "get": {
            "summary": "One's own jobs, everybody's for an admin; needs task:submit",
            "parameters": [{"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/Cursor"}],
            "responses": {
              "200": {
                "description": "A page",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobPage"}}}
              },
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"}
            }
          },
          "post": {
            "summary": "Submit tasks together, all or none; needs task:submit",
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {
              "required": true,
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobSubmission"}}}
            },
            "responses": {
              "201": {
                "description": "The tasks, on disk",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SubmittedJob"}}}
              },
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "402": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "409": {"$ref": "#/components/responses/Refused"},
              "413": {"$ref": "#/components/responses/Refused"},
              "415": {"$ref": "#/components/responses/Refused"},
              "422": {"$ref": "#/components/responses/Refused"},
              "429": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/jobs/{job_id}": {
          "parameters": [{"$ref": "#/components/parameters/JobID"}],
          "get": {
            "summary": "One job",
            "responses": {
              "200": {
                "description": "The job",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/jobs/{job_id}/cancel": {
          "parameters": [{"$ref": "#/components/parameters/JobID"}],
          "post": {
            "summary": "Cancel all tasks of the job that have not ended",
            "responses": {
              "200": {
                "description": "The job",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"},
              "409": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/users/{user_id}/balances": {
          "parameters": [{"name": "user_id", "in": "path", "required": true, "schema": {"type": "string"}}],
          "get": {
            "summary": "What a user has: oneself, or anybody for an admin",
            "responses": {
              "200": {
                "description": "By currency",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Balances"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"}
            }
          }
        }
        """#
}
