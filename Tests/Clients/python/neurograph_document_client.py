from neurograph_ws_client import NeurographWSClient, Channel

client = NeurographWSClient(
    url="ws://localhost:8000/ws",
    token="your-jwt-token",
    auto_reconnect=True,
    debug=True
)

await client.connect()

# Subscribe to metrics
def on_metrics(data):
    print(f"Metrics: {data['data']}")

client.subscribe(Channel.METRICS, on_metrics)

# Subscribe to signals
client.subscribe(Channel.SIGNALS, lambda data: print(f"Signal: {data}"))

# Run forever
await client.run_forever()
