export { Disconnected, Refusal } from './errors.js';
export { NeuroGridWebSocket } from './neurogrid.js';
export type { JoinOptions, NeuroGridOptions } from './neurogrid.js';
export * as Events from './events.js';
export { getWebSocketClient, resetWebSocketClient, WebSocketClient, WSEventType } from './qubix.js';
export type { QubixOptions } from './qubix.js';
export { Channel, NeurographWSClient } from './neurograph.js';
export type { NeurographOptions } from './neurograph.js';
