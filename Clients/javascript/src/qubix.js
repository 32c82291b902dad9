import { Backoff } from './core/backoff.js';
import { systemClock } from './core/clock.js';
import { Emitter } from './core/emitter.js';
import { Heartbeat } from './core/heartbeat.js';
import { Link } from './core/link.js';
import { Outbox } from './core/outbox.js';
import { webSocketConstructor } from './core/socket.js';
import { Disconnected, promised } from './errors.js';

/** What a QUBIX coordinator tells. */
export const WSEventType = Object.freeze({
    PONG: 'pong',
    SUBSCRIBED: 'subscribed',
    UNSUBSCRIBED: 'unsubscribed',
    PROVIDER_REGISTERED: 'PROVIDER_REGISTERED',
    PROVIDER_STATUS_CHANGED: 'PROVIDER_STATUS_CHANGED',
    GPU_METRICS_UPDATE: 'GPU_METRICS_UPDATE',
    JOB_PROGRESS: 'JOB_PROGRESS',
    JOB_COMPLETED: 'JOB_COMPLETED',
    MARKETPLACE_UPDATE: 'MARKETPLACE_UPDATE',
    ERROR: 'error',
});

const MARKETPLACE = 'marketplace';

const DEFAULTS = {
    // The document's 1 s, 2 s, 4 s, 5 s are the longest waits; each is shortened at random.
    reconnectDelay: 1000,
    maxReconnectDelay: 5000,
    maxReconnectAttempts: 10,
    messagesPerMinute: 90,
    connectionsPerMinute: 8,
    queueLimit: 100,
    heartbeatInterval: 30_000,
    heartbeatTimeout: 10_000,
    openTimeout: 10_000,
};

/** A client of the QUBIX dialect: the marketplace, providers, jobs. */
export class WebSocketClient {
    #emitter = new Emitter();
    #subscriptions = new Set();
    #link;
    #outbox;
    #heartbeat;
    #connecting = null;

    /**
     * @param {string} url the coordinator, as `ws://host:port` or with the path `/qubix`
     * @param {object} [options] see `QubixOptions` in qubix.d.ts
     * @throws {TypeError} where the platform has no WebSocket and none is given
     */
    constructor(url, options = {}) {
        const settings = { ...DEFAULTS, ...options };
        const clock = settings.clock ?? systemClock;
        const emit = (type, data, message) => this.#emitter.emit(type, data, message);
        this.url = url;
        this.token = settings.token;
        this.#link = new Link({
            WebSocket: webSocketConstructor(settings.WebSocket),
            url: () => this.#addressed(),
            clock,
            backoff: new Backoff({
                baseMs: settings.reconnectDelay, capMs: settings.maxReconnectDelay, random: settings.random,
            }),
            maxAttempts: settings.maxReconnectAttempts,
            attemptsPerMinute: settings.connectionsPerMinute,
            // Or the eighth wait for a coordinator that is away would be longer than the document's 5 s.
            countsFailures: false,
            openTimeoutMs: settings.openTimeout,
            onOpen: () => this.#opened(),
            onMessage: (message) => this.#received(message),
            onGarbage: (text) => emit('garbage', text),
            mayReturn: ({ code }) => code !== 1000 && !(code >= 3500 && code <= 3999),
            onDown: (ending, willReconnect) => this.#down(ending, willReconnect),
            onWaiting: (attempt, delayMs) => emit('reconnecting', { attempt, delayMs }),
            onClosed: (ending) => this.#closed(ending),
        });
        this.#outbox = new Outbox({
            clock,
            deliver: (text) => this.#link.send(text),
            onOverflow: (dropped) => emit('queue_overflow', JSON.parse(dropped)),
            capacity: settings.queueLimit,
            perMinute: settings.messagesPerMinute,
        });
        this.#heartbeat = new Heartbeat({
            clock,
            intervalMs: settings.heartbeatInterval,
            timeoutMs: settings.heartbeatTimeout,
            // The coordinator closes whoever has not asked for 60 s, however much it tells them.
            isSteady: true,
            ask: () => this.#outbox.sendNow({ type: 'ping' }),
            onDeath: () => this.#link.replace('no sign of life'),
        });
    }

    /** `idle`, `connecting`, `open`, `waiting` for the next attempt, or `closed`. */
    get state() {
        return this.#link.state;
    }

    get isConnected() {
        return this.#link.state === 'open';
    }

    /** Ids of all subscriptions: `marketplace`, `provider:ID`, `job:ID`. */
    get subscriptions() {
        return [...this.#subscriptions];
    }

    /**
     * Connects, unless it has.
     *
     * @returns {Promise<void>} when it is open; rejected when there will be no further attempt. May be ignored.
     */
    connect() {
        if (!this.#connecting) {
            this.#connecting = promised();
            this.#link.start();
        }
        return this.#connecting.promise;
    }

    /** Ends the connection for good; subscriptions stay for the next {@link connect}. */
    disconnect() {
        this.#link.stop(1000, 'Client disconnect');
    }

    subscribeToMarketplace() {
        this.#subscribe(MARKETPLACE);
    }

    subscribeToProvider(providerId) {
        this.#subscribe(`provider:${providerId}`);
    }

    /** Needs a token. */
    subscribeToJob(jobId) {
        this.#subscribe(`job:${jobId}`);
    }

    /** Ends the subscription of an id, such as `provider:ID`. */
    unsubscribe(subscriptionId) {
        if (!this.#subscriptions.delete(subscriptionId)) return;
        this.#outbox.sendOwn({ type: 'unsubscribe', subscriptionId });
    }

    /** Calls `handler(data, message)` for each event of a type, `*` for all. Returns what takes it away. */
    on(type, handler) {
        return this.#emitter.on(type, handler);
    }

    /** Takes a handler away. */
    off(type, handler) {
        this.#emitter.off(type, handler);
    }

    /** Sends a message, now or when there is a connection; the oldest of too many is told as `queue_overflow`. */
    send(message) {
        this.#outbox.send(message);
    }

    async #addressed() {
        const token = typeof this.token === 'function' ? await this.token() : this.token;
        if (!token) return this.url;
        const url = new URL(this.url);
        url.searchParams.set('token', token);
        return url.href;
    }

    #subscribe(id) {
        if (this.#subscriptions.has(id)) return;
        this.#subscriptions.add(id);
        this.#ask(id);
    }

    #ask(id) {
        if (id === MARKETPLACE) this.#outbox.sendOwn({ type: 'subscribe:marketplace' });
        else this.#outbox.sendOwn({ type: `subscribe:${id.slice(0, id.indexOf(':'))}`, subscriptionId: bare(id) });
    }

    #opened() {
        this.#link.confirm();
        this.#heartbeat.start();
        this.#outbox.open();
        for (const id of this.#subscriptions) this.#ask(id);
        this.#outbox.ready();
        this.#emitter.emit('connected', { subscriptions: this.subscriptions });
        this.#connecting?.resolve();
    }

    #received(message) {
        this.#heartbeat.heard();
        // Acknowledgements carry their fields at the top.
        this.#emitter.emit(message.type, message.data ?? message, message);
    }

    #down(ending, willReconnect) {
        this.#outbox.close();
        this.#heartbeat.stop();
        this.#emitter.emit('disconnected', { code: ending.code, reason: ending.reason, willReconnect });
    }

    #closed(ending) {
        const error = new Disconnected(ending);
        this.#connecting?.reject(error);
        this.#connecting = null;
        if (!ending.byClient) this.#emitter.emit('gave_up', { error });
    }
}

const bare = (id) => id.slice(id.indexOf(':') + 1);

let shared = null;

/**
 * The page's one client, made when it is first asked for.
 *
 * @param {string} [url] of the coordinator; the page's own host unless said
 * @param {object} [options] as the client's
 */
export function getWebSocketClient(url = undefined, options = undefined) {
    if (shared && (url !== undefined || options !== undefined)) {
        throw new Error('the client is there already: say url and options where it is first asked for');
    }
    shared ??= new WebSocketClient(url ?? pageAddress(), options);
    return shared;
}

/** Ends the page's one client; the next question makes another. */
export function resetWebSocketClient() {
    shared?.disconnect();
    shared = null;
}

function pageAddress() {
    const page = globalThis.location;
    if (!page?.host) return 'ws://localhost:3001';
    return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/qubix`;
}
