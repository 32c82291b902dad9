import { Backoff } from './core/backoff.js';
import { systemClock } from './core/clock.js';
import { Emitter } from './core/emitter.js';
import { Heartbeat } from './core/heartbeat.js';
import { Link } from './core/link.js';
import { Outbox } from './core/outbox.js';
import { webSocketConstructor } from './core/socket.js';
import { Session } from './session.js';
import { promised, Disconnected } from './errors.js';
import { Rooms } from './rooms/rooms.js';
import { RoomDesk } from './rooms/desk.js';

/** What a client does unless told otherwise. Rates stay below the documented 100 messages and 10 connections. */
const DEFAULTS = {
    reconnectDelay: 1000,
    maxReconnectDelay: 30_000,
    maxReconnectAttempts: Infinity,
    maxRooms: 10,
    messagesPerMinute: 90,
    connectionsPerMinute: 8,
    queueLimit: 100,
    heartbeatInterval: 25_000,
    heartbeatTimeout: 10_000,
    openTimeout: 10_000,
    refreshBefore: 30_000,
};

/**
 * A client of the coordinator's native protocol.
 *
 * It authenticates, keeps the connection alive, comes back when it ends, and is then in the same rooms from where it
 * was: without a loss, or with a `gap` event that says where one is.
 */
export class NeuroGridWebSocket {
    #emitter = new Emitter();
    #rooms;
    #desk;
    #link;
    #outbox;
    #heartbeat;
    #session;
    #connecting = null;

    /**
     * @param {string} url the coordinator's `/ws`, as `ws://` or `wss://`
     * @param {import('./core/token.js').TokenSource} token
     * @param {object} [options] see `NeuroGridOptions` in neurogrid.d.ts
     * @throws {TypeError} where the platform has no WebSocket and none is given
     */
    constructor(url, token, options = {}) {
        const settings = { ...DEFAULTS, ...options };
        const clock = settings.clock ?? systemClock;
        this.url = url;
        this.#rooms = new Rooms(settings.maxRooms);
        const emit = (type, data, message) => this.#emitter.emit(type, data, message);
        const ask = (message) => this.#outbox.sendOwn(message);
        this.#link = new Link({
            WebSocket: webSocketConstructor(settings.WebSocket),
            url: () => this.url,
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
            mayReturn: (ending) => this.#session.mayReturn(ending),
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
            ask: () => this.#outbox.sendNow({ type: 'ping' }),
            onDeath: () => this.#link.replace('no sign of life'),
        });
        this.#session = new Session({
            clock, token, ask, emit, refreshBeforeMs: settings.refreshBefore,
            onReady: () => this.#ready(),
            renew: (reason) => this.#link.renew(reason),
            retry: (reason) => this.#link.replace(reason),
        });
        this.#desk = new RoomDesk({ rooms: this.#rooms, clock, ask, emit });
    }

    /** `idle`, `connecting`, `open` (also before authentication), `waiting` for the next attempt, or `closed`. */
    get state() {
        return this.#link.state;
    }

    /** Whether the connection is open and authenticated. */
    get isReady() {
        return this.#session.isReady;
    }

    /** Failed attempts since the last success. */
    get reconnectAttempts() {
        return this.#link.backoff.attempts;
    }

    /** Names of the rooms that it is in, or will be. */
    get rooms() {
        return this.#rooms.names;
    }

    /** Application messages that wait for a connection. */
    get queued() {
        return this.#outbox.waiting;
    }

    /** The place to come back to a room with in another life; `null` where nothing was heard of it yet. */
    position(room) {
        return this.#rooms.position(room);
    }

    /** Calls `handler(data, message)` for each event of a type, `*` for all. Returns what takes it away. */
    on(type, handler) {
        return this.#emitter.on(type, handler);
    }

    /** The same for the next event alone. */
    once(type, handler) {
        return this.#emitter.once(type, handler);
    }

    /** Takes a handler away. */
    off(type, handler) {
        this.#emitter.off(type, handler);
    }

    /**
     * Connects, unless it has.
     *
     * @returns {Promise<object>} what `connected` says, once the coordinator has accepted the token; rejected when
     * there will be no further attempt. May be ignored.
     */
    connect() {
        if (!this.#connecting) {
            this.#connecting = promised();
            this.#session.reset();
            this.#link.start();
        }
        return this.#connecting.promise;
    }

    /** Ends the connection for good; {@link connect} begins anew, in the same rooms. */
    disconnect() {
        this.#link.stop(1000, 'Client disconnect');
    }

    /**
     * Another token: on an open connection it is told in place, and where the coordinator does not take it there the
     * connection is made anew. A client whose token was refused comes back with it.
     */
    authenticate(token) {
        this.#session.replaceToken(token);
        if (this.state === 'closed') this.connect();
    }

    /**
     * Joins a room, now and after every return.
     *
     * @param {string} room
     * @param {object} [filters] see docs/protocol.md
     * @param {{since?: {epoch: number, offset: number}}} [options] `since` is where an earlier life left the room
     * @returns {Promise<object>} what `room_joined` says; rejected with a `Refusal`, which `join_refused` tells as
     * well. May be ignored.
     */
    joinRoom(room, filters = undefined, { since } = {}) {
        return this.#desk.join(room, filters, since);
    }

    /** Leaves a room. */
    leaveRoom(room) {
        this.#desk.leave(room);
    }

    /** Sends a message, now or when there is a connection; the oldest of too many is told as `queue_overflow`. */
    send(message) {
        this.#outbox.send(message);
    }

    #opened() {
        this.#outbox.open();
        this.#heartbeat.start();
        this.#session.begin();
    }

    #ready() {
        this.#link.confirm();
        this.#desk.connected();
        this.#outbox.ready();
    }

    #received(message) {
        this.#heartbeat.heard();
        const { type, data } = message;
        switch (type) {
        case 'auth_response': this.#session.accepted(message); break;
        case 'auth_error': this.#session.refused(data); break;
        case 'connected': this.#session.connected(data); break;
        case 'room_joined': if (!this.#desk.joined(data)) return; break;
        case 'room_left': if (!this.#desk.left(data)) return; break;
        case 'resume_ticket':
            this.#rooms.ticket(data.rooms);
            this.#link.holdOff(data.retry_after_ms);
            break;
        case 'rate_limit_exceeded': this.#slowDown(data); break;
        case 'error': this.#failed(data); break;
        default:
            if (message.room !== undefined && message.offset !== undefined && !this.#desk.take(message)) return;
        }
        this.#emitter.emit(type, data, message);
        // Its handlers may have brought a better token.
        if (type === 'auth_error') this.#leaveIfRefused();
        if (type === 'connected') this.#connecting?.resolve(data);
    }

    #slowDown(data) {
        if (this.#desk.isRoomLimit(data)) {
            this.#desk.refused(data);
            return;
        }
        const resetAt = Date.parse(data.reset_time) - this.#session.clockSkewMs;
        this.#outbox.pauseUntil(Number.isNaN(resetAt) ? 0 : resetAt);
        // Which message was dropped is not said: a question without an answer is asked again.
        this.#desk.askAgain();
        this.#session.askAgain();
    }

    #failed(data) {
        if (data.retry_in !== undefined) this.#link.holdOff(data.retry_in);
        if (!this.#session.failed(data)) this.#desk.refused(data);
    }

    #leaveIfRefused() {
        if (this.#session.refusal) this.#link.stop(1000, 'token refused');
        else if (!this.#session.isAsking) this.#link.replace('token refused');
    }

    #down(ending, willReconnect) {
        this.#outbox.close();
        this.#heartbeat.stop();
        this.#session.end();
        this.#rooms.disconnected();
        this.#emitter.emit('disconnected', { code: ending.code, reason: ending.reason, willReconnect });
    }

    #closed(ending) {
        const error = this.#session.refusal ?? new Disconnected(ending);
        this.#desk.closed(error);
        this.#connecting?.reject(error);
        this.#connecting = null;
        if (!ending.byClient || this.#session.refusal) this.#emitter.emit('gave_up', { error });
    }
}
