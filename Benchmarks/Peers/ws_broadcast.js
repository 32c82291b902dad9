// What arrives on /pub goes to every connection on /sub: node's ws, the broadcast loop of its README.
// Usage: node ws_broadcast.js PORT [deflate]
// Without `deflate` no message is compressed. With it every one is, without context takeover, as here every server does.
'use strict';

const { WebSocket, WebSocketServer } = require('ws');

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate:
    process.argv[3] === 'deflate' &&
    { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
  clientTracking: false,
  backlog: 4096,
});
const subscribers = new Set();

server.on('connection', (socket, request) => {
  socket.on('error', () => {});
  if (request.url !== '/pub') {
    subscribers.add(socket);
    socket.on('close', () => subscribers.delete(socket));
    return;
  }
  socket.on('message', (data, isBinary) => {
    for (const client of subscribers) {
      if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
    }
  });
});
