import { getWebSocketClient, WSEventType } from '../services/websocket';

const wsClient = getWebSocketClient();

// Connect
await wsClient.connect();

// Subscribe to marketplace
wsClient.subscribeToMarketplace();

// Listen for events
wsClient.on(WSEventType.PROVIDER_REGISTERED, (data) => {
  console.log('New provider:', data);
});

// Subscribe to specific provider
wsClient.subscribeToProvider('provider-123');

// Listen for metrics
wsClient.on(WSEventType.GPU_METRICS_UPDATE, (data) => {
  console.log('Metrics:', data);
});

// Unsubscribe
wsClient.unsubscribe('provider:provider-123');

// Disconnect
wsClient.disconnect();
