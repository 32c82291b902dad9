extension OpenAPI {
    /// The members of `paths` about the NeuroGraph dialect's channels.
    static let channelPaths: String = #"""
        "/api/v1/websocket/status": {
          "get": {
            "summary": "NeuroGraph clients and channels",
            "responses": {\#(answer(200, "Counts", "ChannelStatus")), \#(refused(401))}
          }
        },
        "/api/v1/websocket/channels": {
          "get": {
            "summary": "The channels of the NeuroGraph dialect",
            "responses": {\#(answer(200, "All of them", "ChannelList")), \#(refused(401))}
          }
        },
        "/api/v1/websocket/channels/{channel}": {
          "parameters": [
            {
              "name": "channel",
              "in": "path",
              "required": true,
              "schema": {"$ref": "#/components/schemas/ChannelName"}
            }
          ],
          "get": {
            "summary": "One channel",
            "responses": {\#(answer(200, "The channel", "Channel")), \#(refused(401, 404))}
          }
        },
        "/api/v1/websocket/broadcast": {
          "post": {
            "summary": "Say something in a channel, to all NeuroGraph clients or to one; needs broadcast",
            "requestBody": {"required": true, \#(content("Broadcast"))},
            "responses": {
              \#(answer(200, "It is said", "BroadcastAnswer")), \#(refused(400, 401, 403, 404, 413, 415))
            }
          }
        }
        """#

    /// The members of `components.schemas` about them.
    static let channelSchemas: StaticString = #"""
        "ChannelName": {"type": "string", "enum": ["metrics", "signals", "actions", "logs", "status", "connections"]},
        "Channel": {
          "type": "object",
          "properties": {
            "name": {"$ref": "#/components/schemas/ChannelName"},
            "description": {"type": "string"},
            "subscribers": {"type": "integer", "minimum": 0}
          },
          "required": ["name", "description", "subscribers"]
        },
        "ChannelList": {
          "type": "object",
          "properties": {"channels": {"type": "array", "items": {"$ref": "#/components/schemas/Channel"}}},
          "required": ["channels"]
        },
        "ChannelStatus": {
          "type": "object",
          "properties": {
            "status": {"type": "string", "enum": ["healthy", "draining", "unhealthy"]},
            "total_connections": {"type": "integer", "minimum": 0},
            "channels": {"type": "array", "items": {"$ref": "#/components/schemas/Channel"}}
          },
          "required": ["status", "total_connections", "channels"]
        },
        "Broadcast": {
          "type": "object",
          "properties": {
            "channel": {"type": "string", "description": "A channel, or * for every client"},
            "client_id": {"type": "string", "format": "uuid", "description": "To this client alone"},
            "event_type": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"},
            "data": {"description": "What the event says; of an event that clients know, an object with its fields"}
          },
          "required": ["event_type", "data"],
          "additionalProperties": false
        },
        "BroadcastAnswer": {
          "type": "object",
          "properties": {
            "status": {"type": "string", "const": "success"},
            "channel": {"type": "string"},
            "delivered": {"type": "integer", "minimum": 0}
          },
          "required": ["status", "channel", "delivered"]
        }
        """#
}
