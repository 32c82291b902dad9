/** The clients for browsers and node. React's hooks are in `@neurogrid/client/react`, which alone needs React. */
export { Disconnected, Refusal } from './errors.js';
export { NeuroGridWebSocket } from './neurogrid.js';
export { getWebSocketClient, resetWebSocketClient, WebSocketClient, WSEventType } from './qubix.js';
export { Channel, NeurographWSClient } from './neurograph.js';
