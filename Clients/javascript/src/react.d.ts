import type { Off } from './options.js';
import type { QubixEvents, QubixMessage, WebSocketClient } from './qubix.js';

type Callback<Type extends keyof QubixEvents> = (data: QubixEvents[Type], message: QubixMessage<Type>) => void;

/** The page's client, connected while the component lives. */
export function useWebSocket(client?: WebSocketClient): {
    client: WebSocketClient;
    isConnected: boolean;
    on: <Type extends keyof QubixEvents>(type: Type, handler: Callback<Type>) => Off;
    send: (message: object) => void;
};

/** Calls back for whatever changes on the marketplace; `message.type` says what. */
export function useMarketplaceUpdates(
    callback: Callback<'PROVIDER_REGISTERED' | 'PROVIDER_STATUS_CHANGED' | 'MARKETPLACE_UPDATE'>,
    client?: WebSocketClient): void;

/** Calls back for each reading of a provider's GPUs. Without an id it waits for one. */
export function useProviderMetrics(
    providerId: string | null | undefined, callback: Callback<'GPU_METRICS_UPDATE'>, client?: WebSocketClient): void;

/** What is told of a job: progress while it runs, in the end status and result. */
export interface JobNews {
    jobId: string;
    progress?: { progress: number; status: string };
    status?: string;
    result?: unknown;
}

/** Calls back for a job's progress and its end. Without an id it waits for one. */
export function useJobProgress(
    jobId: string | null | undefined,
    callback: (data: JobNews, message: QubixMessage<'JOB_PROGRESS' | 'JOB_COMPLETED'>) => void,
    client?: WebSocketClient): void;
