import { Backoff } from './core/backoff.js';
import { systemClock } from './core/clock.js';
import { Emitter } from './core/emitter.js';
import { Heartbeat } from './core/heartbeat.js';
import { Link } from './core/link.js';
import { Outbox } from './core/outbox.js';
import { webSocketConstructor } from './core/socket.js';
import { Disconnected, promised } from './errors.js';

/** The channels of a NeuroGraph coordinator. */
export const Channel = Object.freeze({
    METRICS: 'metrics',
    SIGNALS: 'signals',
    ACTIONS: 'actions',
    LOGS: 'logs',
    STATUS: 'status',
    CONNECTIONS: 'connections',
});

const DEFAULTS = {
    autoReconnect: true,
    debug: false,
    reconnectDelay: 1000,
    maxReconnectDelay: 30_000,
    maxReconnectAttempts: Infinity,
    connectionsPerMinute: 20,
    queueLimit: 100,
    heartbeatInterval: 30_000,
    heartbeatTimeout: 10_000,
    openTimeout: 10_000,
};

/**
 * A client of the NeuroGraph dialect: channels of events.
 *
 * It comes back under the `client_id` that it was given, so the coordinator sends what it has kept for it meanwhile.
 */
export class NeurographWSClient {
    #emitter = new Emitter();
    #handlers = new Emitter();
    #channels = new Map();
    #link;
    #outbox;
    #heartbeat;
    #connecting = null;
    #questions = [];
    #info = null;

    /**
     * @param {object} options see `NeurographOptions` in neurograph.d.ts; `url` is needed
     * @throws {TypeError} without `url`, or where the platform has no WebSocket and none is given
     */
    constructor(options) {
        if (typeof options?.url !== 'string') throw new TypeError('the url is missing');
        const settings = { ...DEFAULTS, ...options };
        const clock = settings.clock ?? systemClock;
        const emit = (type, data) => this.#emitter.emit(type, data);
        this.url = settings.url;
        this.token = settings.token;
        this.debug = settings.debug;
        this.#link = new Link({
            WebSocket: webSocketConstructor(settings.WebSocket),
            url: () => this.#addressed(),
            clock,
            backoff: new Backoff({
                baseMs: settings.reconnectDelay, capMs: settings.maxReconnectDelay, random: settings.random,
            }),
            maxAttempts: settings.maxReconnectAttempts,
            attemptsPerMinute: settings.connectionsPerMinute,
            openTimeoutMs: settings.openTimeout,
            onOpen: () => this.#opened(),
            onMessage: (message) => this.#received(message),
            onGarbage: (text) => emit('garbage', text),
            mayReturn: ({ code }) => settings.autoReconnect && code !== 1000 && !(code >= 3500 && code <= 3999),
            onDown: (ending, willReconnect) => this.#down(ending, willReconnect),
            onWaiting: (attempt, delayMs) => emit('reconnecting', { attempt, delayMs }),
            onClosed: (ending) => this.#closed(ending),
        });
        this.#outbox = new Outbox({
            clock,
            deliver: (text) => this.#link.send(text),
            onOverflow: (dropped) => emit('queue_overflow', JSON.parse(dropped)),
            capacity: settings.queueLimit,
            perMinute: 0,
        });
        this.#heartbeat = new Heartbeat({
            clock,
            intervalMs: settings.heartbeatInterval,
            timeoutMs: settings.heartbeatTimeout,
            ask: () => this.#outbox.sendNow({ type: 'ping' }),
            onDeath: () => this.#link.replace('no sign of life'),
        });
    }

    /** `idle`, `connecting`, `open`, `waiting` for the next attempt, or `closed`. */
    get state() {
        return this.#link.state;
    }

    get isConnected() {
        return this.state === 'open' && this.#info !== null;
    }

    /** The client's id, which it keeps when it comes back; `null` before it was given one. */
    get clientId() {
        return this.#info?.client_id ?? null;
    }

    /** What the latest `connected` said; `null` before the first. */
    get connectionInfo() {
        return this.#info;
    }

    /** Names of the channels that are subscribed to, or will be. */
    get channels() {
        return [...this.#channels.keys()];
    }

    /**
     * Connects, unless it has.
     *
     * @returns {Promise<object>} what `connected` says; rejected when there will be no further attempt. May be ignored.
     */
    connect() {
        if (!this.#connecting) {
            this.#connecting = promised();
            this.#link.start();
        }
        return this.#connecting.promise;
    }

    /** Ends the connection for good; channels stay for the next {@link connect}. */
    disconnect() {
        this.#link.stop(1000, 'Client disconnect');
    }

    /**
     * Calls `handler(event)` for each event of a channel, or of several. Subscribes now and after every return.
     *
     * @returns {() => void} takes the handler away, and the subscription with the last one
     */
    subscribe(channels, handler) {
        const names = [channels].flat();
        const fresh = names.filter((name) => !this.#channels.has(name));
        for (const name of names) {
            this.#handlers.on(name, handler);
            this.#channels.set(name, (this.#channels.get(name) ?? 0) + 1);
        }
        if (fresh.length > 0) this.#outbox.sendOwn({ type: 'subscribe', channels: fresh });
        return () => this.unsubscribe(names, handler);
    }

    /** Takes a handler of a channel, or of several, away; without one, all of them. */
    unsubscribe(channels, handler = undefined) {
        const gone = [];
        for (const name of [channels].flat()) {
            const count = this.#channels.get(name);
            if (count === undefined || (handler && !this.#handlers.off(name, handler))) continue;
            if (handler && count > 1) {
                this.#channels.set(name, count - 1);
                continue;
            }
            this.#channels.delete(name);
            this.#handlers.clear(name);
            gone.push(name);
        }
        if (gone.length > 0) this.#outbox.sendOwn({ type: 'unsubscribe', channels: gone });
    }

    /** Asks which channels the coordinator has this client in. */
    getSubscriptions() {
        const ends = promised();
        if (!this.isConnected) ends.reject(new Disconnected({ code: 1006, reason: 'not connected' }));
        else {
            this.#questions.push(ends);
            this.#outbox.sendOwn({ type: 'get_subscriptions' });
        }
        return ends.promise;
    }

    /** Asks for a sign of life; `pong` is told as an event. */
    ping() {
        this.#outbox.sendOwn({ type: 'ping' });
    }

    /**
     * Calls `handler(data)` for `connected`, `disconnected`, `reconnecting`, `subscribed`, `unsubscribed`, `pong`,
     * `error`, `buffer_overflow` and whatever else is no channel's event. Returns what takes it away.
     */
    on(type, handler) {
        return this.#emitter.on(type, handler);
    }

    /** Takes a handler away. */
    off(type, handler) {
        this.#emitter.off(type, handler);
    }

    async #addressed() {
        const url = new URL(this.url);
        const token = typeof this.token === 'function' ? await this.token() : this.token;
        if (token) url.searchParams.set('token', token);
        if (this.clientId) url.searchParams.set('client_id', this.clientId);
        return url.href;
    }

    #opened() {
        this.#log('open');
        this.#heartbeat.start();
        this.#outbox.open();
        if (this.#channels.size > 0) this.#outbox.sendOwn({ type: 'subscribe', channels: this.channels });
        this.#outbox.ready();
    }

    #received(message) {
        this.#heartbeat.heard();
        this.#log(message);
        if (message.channel !== undefined) {
            this.#handlers.emit(message.channel, message);
            return;
        }
        if (message.type === 'connected') {
            this.#info = message;
            this.#link.confirm();
        }
        if (message.type === 'subscriptions') this.#questions.shift()?.resolve(message.channels);
        this.#emitter.emit(message.type, message);
        if (message.type === 'connected') this.#connecting?.resolve(message);
    }

    #down({ code, reason }, willReconnect) {
        this.#log(`closed: ${code} ${reason}`);
        this.#outbox.close();
        this.#heartbeat.stop();
        for (const ends of this.#questions.splice(0)) ends.reject(new Disconnected({ code, reason }));
        this.#emitter.emit('disconnected', { code, reason: reason || `closed with ${code}`, willReconnect });
    }

    #closed(ending) {
        const error = new Disconnected(ending);
        this.#connecting?.reject(error);
        this.#connecting = null;
        if (!ending.byClient) this.#emitter.emit('gave_up', { error });
    }

    #log(what) {
        if (this.debug) console.debug('neurograph:', what);
    }
}

export default NeurographWSClient;
