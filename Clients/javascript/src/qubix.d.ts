import type { LinkEvents, LinkOptions, LinkState, Off, TokenSource } from './options.js';

/** What a QUBIX coordinator tells. */
export const WSEventType: {
    readonly PONG: 'pong';
    readonly SUBSCRIBED: 'subscribed';
    readonly UNSUBSCRIBED: 'unsubscribed';
    readonly PROVIDER_REGISTERED: 'PROVIDER_REGISTERED';
    readonly PROVIDER_STATUS_CHANGED: 'PROVIDER_STATUS_CHANGED';
    readonly GPU_METRICS_UPDATE: 'GPU_METRICS_UPDATE';
    readonly JOB_PROGRESS: 'JOB_PROGRESS';
    readonly JOB_COMPLETED: 'JOB_COMPLETED';
    readonly MARKETPLACE_UPDATE: 'MARKETPLACE_UPDATE';
    readonly ERROR: 'error';
};
export type WSEventType = (typeof WSEventType)[keyof typeof WSEventType];

export interface QubixOptions extends LinkOptions {
    /** Opens jobs, and where anonymous visitors are not wanted everything else. */
    token?: TokenSource;
    /** Connections in any minute (8; the coordinator takes 10): those that could not be made do not count. */
    connectionsPerMinute?: number;
    /** Messages in any minute of a connection (90; the coordinator takes 100). */
    messagesPerMinute?: number;
}

export interface Acknowledgement {
    type: string;
    subscriptionId: string;
    timestamp: string;
}

export interface QubixEvents extends LinkEvents<object> {
    connected: { subscriptions: string[] };
    pong: { type: 'pong'; timestamp: string };
    subscribed: Acknowledgement;
    unsubscribed: Acknowledgement;
    PROVIDER_REGISTERED: { id: string; workerId: string; gpuModel: string | null; pricePerHour: number | null };
    PROVIDER_STATUS_CHANGED: { providerId: string; isOnline: boolean; isAvailable: boolean; status: string };
    GPU_METRICS_UPDATE: {
        providerId: string;
        metrics: {
            cpuPercent: number | null;
            ramPercent: number | null;
            gpuPercent: number | null;
            /** °C. */
            gpuTemp: number | null;
        };
    };
    JOB_PROGRESS: { jobId: string; progress: { progress: number; status: string } };
    JOB_COMPLETED: { jobId: string; status: string; result: unknown };
    MARKETPLACE_UPDATE: {
        providerId: string;
        isAvailable: boolean;
        rental: 'rented' | 'free';
        pricePerHour: number | null;
    };
    error: { code: string; message: string };
}

export interface QubixMessage<Type extends keyof QubixEvents = keyof QubixEvents> {
    type: Type;
    subscriptionId?: string;
    data?: QubixEvents[Type];
    timestamp: string;
}

/** A client of the QUBIX dialect: the marketplace, providers, jobs. */
export class WebSocketClient {
    constructor(url: string, options?: QubixOptions);
    url: string;
    token?: TokenSource;
    readonly state: LinkState;
    readonly isConnected: boolean;
    readonly subscriptions: string[];
    connect(): Promise<void>;
    disconnect(): void;
    subscribeToMarketplace(): void;
    subscribeToProvider(providerId: string): void;
    subscribeToJob(jobId: string): void;
    unsubscribe(subscriptionId: string): void;
    on<Type extends keyof QubixEvents>(
        type: Type, handler: (data: QubixEvents[Type], message: QubixMessage<Type>) => void): Off;
    off<Type extends keyof QubixEvents>(
        type: Type, handler: (data: QubixEvents[Type], message: QubixMessage<Type>) => void): void;
    send(message: object): void;
}

/** The page's one client, made when it is first asked for. Throws if url or options are said later. */
export function getWebSocketClient(url?: string, options?: QubixOptions): WebSocketClient;

/** Ends the page's one client; the next question makes another. */
export function resetWebSocketClient(): void;
