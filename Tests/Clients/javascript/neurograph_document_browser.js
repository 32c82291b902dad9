const ws = new WebSocket("ws://localhost:8000/ws");

ws.onopen = () => {
  console.log("Connected");

  // Subscribe to metrics channel
  ws.send(JSON.stringify({
    type: "subscribe",
    channels: ["metrics"]
  }));
};

ws.onmessage = (event) => {
  const data = JSON.parse(event.data);
  console.log("Received:", data);
};
