import NeurographWSClient from "./neurograph-ws-client";

const client = new NeurographWSClient({
  url: "ws://localhost:8000/ws",
  token: "your-jwt-token",
  autoReconnect: true,
  debug: true
});

await client.connect();

// Subscribe to multiple channels
client.subscribe("metrics", (data) => {
  console.log("System metrics:", data.data);
});

client.subscribe("signals", (data) => {
  console.log("Signal event:", data.data);
});

// Handle connection events
client.on("connected", (info) => {
  console.log("Connected as:", info.client_id);
});

client.on("disconnected", (info) => {
  console.log("Disconnected:", info.reason);
});
