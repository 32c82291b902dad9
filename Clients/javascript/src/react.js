import { useCallback, useEffect, useRef, useState } from 'react';
import { getWebSocketClient, WSEventType } from './qubix.js';

/** How many components use each client's subscriptions, so that the last one ends them. */
const uses = new WeakMap();

/** Subscribes for one more component. Returns what ends that. */
function share(client, id, subscribe) {
    if (!uses.has(client)) uses.set(client, new Map());
    const counts = uses.get(client);
    const count = counts.get(id) ?? 0;
    counts.set(id, count + 1);
    if (count === 0) subscribe();
    return () => {
        const left = counts.get(id) - 1;
        if (left > 0) {
            counts.set(id, left);
            return;
        }
        counts.delete(id);
        client.unsubscribe(id);
    };
}

/** Connects without looking at the outcome: `disconnected` and `gave_up` tell it. */
const connect = (client) => void client.connect();

/**
 * The page's client, connected while the component lives.
 *
 * @param {import('./qubix.js').WebSocketClient} [client] another than the page's
 * @returns {{client: object, isConnected: boolean, on: Function, send: Function}}
 */
export function useWebSocket(client = getWebSocketClient()) {
    const [isConnected, setConnected] = useState(client.isConnected);
    useEffect(() => {
        const offs = [
            client.on('connected', () => setConnected(true)),
            client.on('disconnected', () => setConnected(false)),
        ];
        connect(client);
        setConnected(client.isConnected);
        return () => offs.forEach((off) => off());
    }, [client]);
    const on = useCallback((type, handler) => client.on(type, handler), [client]);
    const send = useCallback((message) => client.send(message), [client]);
    return { client, isConnected, on, send };
}

/** One subscription and the events about it, for as long as the component lives; `null` ids subscribe to nothing. */
function useSubscription(client, id, types, subscribe, isAbout, callback) {
    // The newest callback is called, and a new one does not subscribe anew.
    const latest = useRef(callback);
    useEffect(() => {
        latest.current = callback;
    });
    useEffect(() => {
        if (id === null) return undefined;
        const hear = (data, message) => {
            if (isAbout(message)) latest.current(data, message);
        };
        const offs = types.map((type) => client.on(type, hear));
        const end = share(client, id, subscribe);
        connect(client);
        return () => {
            offs.forEach((off) => off());
            end();
        };
        // The id says all that the functions depend on.
    }, [client, id]);
}

const MARKETPLACE_EVENTS = [
    WSEventType.PROVIDER_REGISTERED, WSEventType.PROVIDER_STATUS_CHANGED, WSEventType.MARKETPLACE_UPDATE,
];

/** Calls `callback(data, message)` for whatever changes on the marketplace. */
export function useMarketplaceUpdates(callback, client = getWebSocketClient()) {
    const subscribe = () => client.subscribeToMarketplace();
    useSubscription(client, 'marketplace', MARKETPLACE_EVENTS, subscribe, () => true, callback);
}

/** Calls `callback(data, message)` for each reading of a provider's GPUs: `data.metrics`. */
export function useProviderMetrics(providerId, callback, client = getWebSocketClient()) {
    const id = providerId ? `provider:${providerId}` : null;
    const isAbout = (message) => message.subscriptionId === id || message.data?.providerId === providerId;
    const subscribe = () => client.subscribeToProvider(providerId);
    useSubscription(client, id, [WSEventType.GPU_METRICS_UPDATE], subscribe, isAbout, callback);
}

/** Calls `callback(data, message)` for a job's progress, `data.progress`, and its end: `data.status`, `data.result`. */
export function useJobProgress(jobId, callback, client = getWebSocketClient()) {
    const id = jobId ? `job:${jobId}` : null;
    const isAbout = (message) => message.subscriptionId === id || message.data?.jobId === jobId;
    const subscribe = () => client.subscribeToJob(jobId);
    useSubscription(client, id, [WSEventType.JOB_PROGRESS, WSEventType.JOB_COMPLETED], subscribe, isAbout, callback);
}
