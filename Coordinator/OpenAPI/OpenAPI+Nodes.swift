extension OpenAPI {
    /// The members of `paths` about nodes, streams and the coordinator itself.
    static let nodePaths: String = #"""
        "/healthz": {
          "get": {
            "summary": "Whether the process answers",
            "security": [],
            "responses": {\#(answer(200, "It does", "Status"))}
          }
        },
        "/readyz": {
          "get": {
            "summary": "Whether new work is taken",
            "security": [],
            "responses": {
              \#(answer(200, "It is", "Status")),
              \#(answer(503, "Not now, for that reason", "Status"))
            }
          }
        },
        "/metrics": {
          "get": {
            "summary": "Measures for Prometheus; needs admin, but on loopback",
            "responses": {
              "200": {
                "description": "Text of Prometheus' format",
                "content": {"text/plain": {"schema": {"type": "string"}}}
              },
              \#(refused(401, 403, 503))
            }
          }
        },
        "/openapi.json": {
          "get": {
            "summary": "This document",
            "security": [],
            "responses": {
              "200": {"description": "It", "content": {"application/json": {"schema": {"type": "object"}}}}
            }
          }
        },
        "/asyncapi.json": {
          "get": {
            "summary": "What is said over WebSocket, in every dialect (AsyncAPI)",
            "security": [],
            "responses": {
              "200": {"description": "It", "content": {"application/json": {"schema": {"type": "object"}}}}
            }
          }
        },
        "/api-docs": {
          "get": {
            "summary": "Both documents as a page for people",
            "security": [],
            "responses": {"200": {"description": "It", "content": {"text/html": {"schema": {"type": "string"}}}}}
          }
        },
        "/docs/security": {
          "get": {
            "summary": "What who writes a client must know of security",
            "security": [],
            "responses": {"200": {"description": "It", "content": {"text/html": {"schema": {"type": "string"}}}}}
          }
        },
        "/events": {
          "get": {
            "summary": "Rooms as one stream of Server-Sent Events",
            "parameters": [
              {
                "name": "rooms",
                "in": "query",
                "schema": {"type": "string"},
                "description": "The rooms, with commas between them",
                "required": true
              },
              {
                "name": "filter",
                "in": "query",
                "schema": {"type": "string"},
                "description": "A filter for some of them, as JSON"
              },
              {
                "name": "token",
                "in": "query",
                "schema": {"type": "string"},
                "description": "In place of the Authorization header"
              },
              {
                "name": "Last-Event-ID",
                "in": "header",
                "schema": {"type": "string"},
                "description": "Where the client left off"
              }
            ],
            "responses": {
              "200": {"description": "The stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
              \#(refused(400, 401, 403, 429))
            }
          }
        },
        "/api/websocket/stats": {
          "get": {
            "summary": "QUBIX clients and their subscriptions; needs admin, but on loopback",
            "responses": {
              "200": {
                "description": "Counts",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebSocketStatistics"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/nodes": {
          "get": {
            "summary": "Registered nodes; needs node:read",
            "parameters": [{"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/Cursor"}],
            "responses": {\#(answer(200, "A page", "NodePage")), \#(refused(400, 401, 403))}
          }
        },
        "/api/v1/nodes/{node_id}": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "get": {
            "summary": "One node; needs node:read",
            "responses": {\#(answer(200, "The node", "Node")), \#(refused(401, 403, 404))}
          }
        },
        "/api/v1/nodes/{node_id}/drain": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "post": {
            "summary": "Give the node no new task; needs admin",
            "responses": {\#(answer(200, "The node", "Node")), \#(refused(401, 403, 404, 503))}
          }
        },
        "/api/v1/nodes/{node_id}/undrain": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "post": {
            "summary": "Give the node tasks again; needs admin",
            "responses": {\#(answer(200, "The node", "Node")), \#(refused(401, 403, 404, 503))}
          }
        },
        "/api/v1/nodes/{node_id}/quarantine": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "post": {
            "summary": "Keep the node out and take its tasks from it; needs admin",
            "requestBody": {\#(content("Quarantine"))},
            "responses": {\#(answer(200, "The node", "Node")), \#(refused(400, 401, 403, 404, 415, 503))}
          }
        },
        "/api/v1/nodes/{node_id}/release": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "post": {
            "summary": "Trust the node again; needs admin",
            "responses": {\#(answer(200, "The node", "Node")), \#(refused(401, 403, 404, 503))}
          }
        },
        "/api/v1/trust": {
          "get": {
            "summary": "Nodes that are or were kept out; needs admin",
            "responses": {\#(answer(200, "All of them", "Trust")), \#(refused(401, 403))}
          }
        },
        "/api/v1/notifications": {
          "post": {
            "summary": "Say something to everybody; needs admin",
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {"required": true, \#(content("Notification"))},
            "responses": {\#(answer(201, "It is on disk", "Notified")), \#(refused(400, 401, 403, 409, 413, 415, 503))}
          }
        }
        """#
}
