extension OpenAPI {
    /// The members of `paths` about tasks, jobs and accounts.
    static let taskPaths: String = #"""
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
            "responses": {\#(answer(200, "A page", "TaskPage")), \#(refused(400, 401, 403))}
          },
          "post": {
            "summary": "Submit a task; needs task:submit",
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {"required": true, \#(content("TaskSubmission"))},
            "responses": {
              \#(answer(201, "The task, on disk, its price cap set aside", "Task")),
              \#(refused(400, 401, 402, 403, 409, 413, 415, 422, 429, 503))
            }
          }
        },
        "/api/v1/tasks/{task_id}": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "get": {
            "summary": "One task, and why it went where it went",
            "responses": {\#(answer(200, "The task", "Task")), \#(refused(401, 403, 404))}
          },
          "delete": {
            "summary": "Cancel the task",
            "responses": {\#(answer(200, "The task", "Task")), \#(refused(401, 403, 404, 409, 503))}
          }
        },
        "/api/v1/tasks/{task_id}/cancel": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "post": {
            "summary": "Cancel the task",
            "responses": {\#(answer(200, "The task", "Task")), \#(refused(401, 403, 404, 409, 503))}
          }
        },
        "/api/v1/tasks/{task_id}/result": {
          "parameters": [{"$ref": "#/components/parameters/TaskID"}],
          "get": {
            "summary": "What the task gave and cost",
            "responses": {\#(answer(200, "Both null before its end", "TaskResult")), \#(refused(401, 403, 404))}
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
            "responses": {\#(answer(200, "A piece", "TaskLog")), \#(refused(400, 401, 403, 404))}
          }
        },
        "/api/v1/jobs": {
          "get": {
            "summary": "One's own jobs, everybody's for an admin; needs task:submit",
            "parameters": [{"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/Cursor"}],
            "responses": {\#(answer(200, "A page", "JobPage")), \#(refused(400, 401, 403))}
          },
          "post": {
            "summary": "Submit tasks together, all or none; needs task:submit",
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {"required": true, \#(content("JobSubmission"))},
            "responses": {
              \#(answer(201, "The tasks, on disk", "SubmittedJob")),
              \#(refused(400, 401, 402, 403, 409, 413, 415, 422, 429, 503))
            }
          }
        },
        "/api/v1/jobs/{job_id}": {
          "parameters": [{"$ref": "#/components/parameters/JobID"}],
          "get": {
            "summary": "One job",
            "responses": {\#(answer(200, "The job", "Job")), \#(refused(401, 403, 404))}
          }
        },
        "/api/v1/jobs/{job_id}/cancel": {
          "parameters": [{"$ref": "#/components/parameters/JobID"}],
          "post": {
            "summary": "Cancel all tasks of the job that have not ended",
            "responses": {\#(answer(200, "The job", "Job")), \#(refused(401, 403, 404, 409, 503))}
          }
        },
        "/api/v1/users/{user_id}/balances": {
          "parameters": [{"name": "user_id", "in": "path", "required": true, "schema": {"type": "string"}}],
          "get": {
            "summary": "What a user has: oneself, or anybody for an admin",
            "responses": {\#(answer(200, "By currency", "Balances")), \#(refused(401, 404))}
          }
        }
        """#
}
