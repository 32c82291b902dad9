client = NeurographWSClient(
    url="ws://localhost:8000/ws",
    token="jwt-token"
)

await client.connect()

client.subscribe("metrics", lambda data: print(data))

await client.run_forever()
