// sample: connection
const socket = io('ws://localhost:5000/ws', {
  auth: {
    token: 'your_jwt_token'  // JWT token required for authentication
  }
});
// sample: subscription
// Client -> Server
socket.emit('subscribe', {
  type: 'device',
  id: 'device_id'
});
// sample: reconnection
socket.io.on("reconnect_attempt", (attempt) => {
  if (attempt > 5) {
    // Switch to long-polling or show user error
  }
});
// sample: buffering
// Buffer events when processing multiple updates
let eventBuffer = [];
socket.on('device:metrics', (data) => {
  eventBuffer.push(data);
  if (eventBuffer.length >= 10) {
    processMetricsBatch(eventBuffer);
    eventBuffer = [];
  }
});
// sample: recovery
socket.on('disconnect', (reason) => {
  if (reason === 'io server disconnect') {
    // Server initiated disconnect, cleanup and reconnect
    socket.connect();
  }
});
