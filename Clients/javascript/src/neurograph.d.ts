import type { LinkEvents, LinkOptions, LinkState, Off, TokenSource } from './options.js';

/** The channels of a NeuroGraph coordinator. */
export const Channel: {
    readonly METRICS: 'metrics';
    readonly SIGNALS: 'signals';
    readonly ACTIONS: 'actions';
    readonly LOGS: 'logs';
    readonly STATUS: 'status';
    readonly CONNECTIONS: 'connections';
};
export type Channel = (typeof Channel)[keyof typeof Channel];

export interface NeurographOptions extends LinkOptions {
    url: string;
    token?: TokenSource;
    /** Whether it comes back when the connection ends (true). */
    autoReconnect?: boolean;
    /** Whether it writes what it sees to `console.debug`. */
    debug?: boolean;
}

export interface NeurographEvent<Data = Record<string, unknown>> {
    channel: Channel;
    timestamp: string;
    event_type: string;
    data: Data;
}

export interface SystemMetrics {
    cpu_percent: number | null;
    memory_mb: number | null;
    events_per_sec: number | null;
    total_tokens: number | null;
}

export interface ConnectionInfo {
    type: 'connected';
    client_id: string;
    user_id: string | null;
    timestamp: string;
}

interface Channels {
    type: string;
    channels: Channel[];
    timestamp: string;
}

export interface NeurographEvents extends LinkEvents<object> {
    connected: ConnectionInfo;
    subscribed: Channels;
    unsubscribed: Channels;
    subscriptions: Channels;
    pong: { type: 'pong'; timestamp: string };
    error: { type: 'error'; message: string };
    /** The coordinator kept fewer events than came while the client was away. */
    buffer_overflow: { type: 'buffer_overflow'; dropped: number };
}

/** A client of the NeuroGraph dialect: channels of events. */
export class NeurographWSClient {
    constructor(options: NeurographOptions);
    url: string;
    token?: TokenSource;
    debug: boolean;
    readonly state: LinkState;
    readonly isConnected: boolean;
    readonly clientId: string | null;
    readonly connectionInfo: ConnectionInfo | null;
    readonly channels: Channel[];
    connect(): Promise<ConnectionInfo>;
    disconnect(): void;
    subscribe(channels: 'metrics', handler: (event: NeurographEvent<SystemMetrics>) => void): Off;
    subscribe(channels: Channel | Channel[], handler: (event: NeurographEvent) => void): Off;
    unsubscribe(channels: Channel | Channel[], handler?: (event: NeurographEvent<never>) => void): void;
    getSubscriptions(): Promise<Channel[]>;
    ping(): void;
    on<Type extends keyof NeurographEvents>(type: Type, handler: (data: NeurographEvents[Type]) => void): Off;
    off<Type extends keyof NeurographEvents>(type: Type, handler: (data: NeurographEvents[Type]) => void): void;
}

export default NeurographWSClient;
