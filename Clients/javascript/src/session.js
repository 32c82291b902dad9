import { currentToken, expiryOf } from './core/token.js';
import { Refusal } from './errors.js';

/** A timer cannot be set further ahead than this, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Who the client is to the coordinator: authenticates each connection, tells a newer token in place before the old one
 * expires, and knows when coming back is of no use.
 */
export class Session {
    #isOpen = false;
    #isReady = false;
    #isAsking = false;
    #isRenewing = false;
    #generation = 0;
    #cancelRefresh = null;

    /**
     * @param {object} options
     * @param {import('./core/clock.js').Clock} options.clock
     * @param {import('./core/token.js').TokenSource} options.token
     * @param {number} options.refreshBeforeMs how long before its end a token is replaced, where a function gets them
     * @param {(message: object) => void} options.ask sends one of the protocol's own messages
     * @param {(type: string, data: unknown) => void} options.emit
     * @param {() => void} options.onReady told of each connection that is authenticated
     * @param {(reason: string) => void} options.renew makes another connection at once
     * @param {(reason: string) => void} options.retry makes another connection after a while
     */
    constructor(options) {
        Object.assign(this, options);
        /** The refusal that makes coming back useless; `null` while there is none. */
        this.refusal = null;
        /** The coordinator's clock less ours, in milliseconds. */
        this.clockSkewMs = 0;
    }

    get isReady() {
        return this.#isReady;
    }

    /** Whether a token is on its way. */
    get isAsking() {
        return this.#isAsking;
    }

    /** The application wants to connect: earlier refusals are forgotten. */
    reset() {
        this.refusal = null;
    }

    /** A connection is open. */
    begin() {
        this.#generation += 1;
        this.#isOpen = true;
        this.#ask();
    }

    /** The connection is gone. */
    end() {
        this.#generation += 1;
        this.#isOpen = false;
        this.#isReady = false;
        this.#isAsking = false;
        this.#isRenewing = false;
        this.#cancelRefresh?.();
    }

    /** Another token from the application; without one the same is told again. */
    replaceToken(token = this.token) {
        this.token = token;
        this.refusal = null;
        this.#isRenewing = this.#isReady;
        if (this.#isOpen) this.#ask();
    }

    /** Asks again with what a limit has dropped. */
    askAgain() {
        if (this.#isAsking) this.#ask();
    }

    /** `auth_response` came. */
    accepted(message) {
        const success = message.success ?? message.data?.success;
        if (success === false) return;
        this.#isAsking = false;
        this.#isRenewing = false;
        this.refusal = null;
        if (this.#isReady) return;
        this.#isReady = true;
        this.onReady();
    }

    /** `connected` came. */
    connected(data) {
        const serverTime = Date.parse(data.server_time);
        if (!Number.isNaN(serverTime)) this.clockSkewMs = serverTime - this.clock.now();
    }

    /** `auth_error` came. What gets tokens may get a better one; a fixed one is refused once and for all. */
    refused(data) {
        this.#isAsking = false;
        if (data.code !== 'AUTH_TIMEOUT' && typeof this.token !== 'function') this.refusal = new Refusal(data);
    }

    /** `error` came. Returns whether it is about authentication: a coordinator that takes no token in place says so. */
    failed(data) {
        if (data.code !== 'ALREADY_AUTHENTICATED' || !this.#isRenewing) return false;
        this.#isAsking = false;
        this.#isRenewing = false;
        this.renew('another token');
        return true;
    }

    /** Whether the end of a connection leaves anything to come back for. */
    mayReturn({ code }) {
        // 3500 to 3999: the coordinator asks not to. 1000: nothing is left to say.
        return !this.refusal && code !== 1000 && !(code >= 3500 && code <= 3999);
    }

    async #ask() {
        const generation = this.#generation;
        this.#isAsking = true;
        let token;
        try {
            token = await currentToken(this.token);
        } catch (error) {
            this.#isAsking = false;
            if (generation !== this.#generation) return;
            this.emit('token_error', error);
            // A session goes on with the token it has; without one there is nothing to wait for.
            if (!this.#isReady) this.retry('no token');
            return;
        }
        if (generation !== this.#generation) return;
        this.#refreshBefore(expiryOf(token));
        this.ask({ type: 'authenticate', data: { token } });
    }

    #refreshBefore(expiry) {
        this.#cancelRefresh?.();
        this.#cancelRefresh = null;
        if (typeof this.token !== 'function' || expiry === null) return;
        // The coordinator's clock says when it is over.
        const wait = expiry - this.clockSkewMs - this.refreshBeforeMs - this.clock.now();
        // A token shorter-lived than the lead is replaced half-way.
        const delay = wait > 0 ? wait : (wait + this.refreshBeforeMs) / 2;
        if (delay <= 0 || delay > LONGEST_TIMER_MS) return;
        this.#cancelRefresh = this.clock.after(delay, () => this.replaceToken());
    }
}
