const client = new NeurographWSClient({
  url: "ws://localhost:8000/ws",
  token: "jwt-token",
  autoReconnect: true
});

await client.connect();

client.subscribe("metrics", (data) => {
  console.log("Metrics:", data);
});

client.on("connected", (info) => {
  console.log("Connected:", info.client_id);
});
