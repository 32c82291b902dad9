extension OpenAPI {
    /// The members of `paths` about nodes, streams and the coordinator itself.
    static let nodePaths: StaticString = #"""
        "/healthz": {
          "get": {
            "summary": "Whether the process answers",
            "security": [],
            "responses": {
              "200": {
                "description": "It does",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}
              }
            }
          }
        },
        "/readyz": {
          "get": {
            "summary": "Whether new work is taken",
            "security": [],
            "responses": {
              "200": {
                "description": "It is",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}
              },
              "503": {
                "description": "Not now, for that reason",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}
              }
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
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
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
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "429": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/ws/health": {
          "get": {
            "summary": "Connections and rooms",
            "security": [],
            "responses": {
              "200": {
                "description": "Counts",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebSocketHealth"}}}
              }
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
            "responses": {
              "200": {
                "description": "A page",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NodePage"}}}
              },
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/nodes/{node_id}": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "get": {
            "summary": "One node; needs node:read",
            "responses": {
              "200": {
                "description": "The node",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/nodes/{node_id}/drain": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "post": {
            "summary": "Give the node no new task; needs admin",
            "responses": {
              "200": {
                "description": "The node",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/nodes/{node_id}/undrain": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "post": {
            "summary": "Give the node tasks again; needs admin",
            "responses": {
              "200": {
                "description": "The node",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/nodes/{node_id}/quarantine": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "post": {
            "summary": "Keep the node out and take its tasks from it; needs admin",
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Quarantine"}}}},
            "responses": {
              "200": {
                "description": "The node",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
              },
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"},
              "415": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/nodes/{node_id}/release": {
          "parameters": [{"$ref": "#/components/parameters/NodeID"}],
          "post": {
            "summary": "Trust the node again; needs admin",
            "responses": {
              "200": {
                "description": "The node",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "404": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/trust": {
          "get": {
            "summary": "Nodes that are or were kept out; needs admin",
            "responses": {
              "200": {
                "description": "All of them",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Trust"}}}
              },
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"}
            }
          }
        },
        "/api/v1/notifications": {
          "post": {
            "summary": "Say something to everybody; needs admin",
            "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
            "requestBody": {
              "required": true,
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Notification"}}}
            },
            "responses": {
              "201": {
                "description": "It is on disk",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Notified"}}}
              },
              "400": {"$ref": "#/components/responses/Refused"},
              "401": {"$ref": "#/components/responses/Refused"},
              "403": {"$ref": "#/components/responses/Refused"},
              "409": {"$ref": "#/components/responses/Refused"},
              "413": {"$ref": "#/components/responses/Refused"},
              "415": {"$ref": "#/components/responses/Refused"},
              "503": {"$ref": "#/components/responses/Refused"}
            }
          }
        }
        """#
}
