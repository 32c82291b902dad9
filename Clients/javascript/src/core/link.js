import { Backoff } from './backoff.js';
import { Socket } from './socket.js';
import { SlidingWindow } from './window.js';

/**
 * A connection that comes back: makes one, and another when it ends, at the right moment and not too often.
 *
 * `idle` → `connecting` → `open` → (`waiting` → `connecting` →)* `closed`
 */
export class Link {
    #socket = null;
    #cancelWait = null;
    #notBefore = 0;
    #hint = false;
    #generation = 0;

    /**
     * @param {object} options
     * @param {new (url: string) => WebSocket} options.WebSocket
     * @param {() => (string | Promise<string>)} options.url asked before each attempt
     * @param {import('./clock.js').Clock} options.clock
     * @param {Backoff} [options.backoff]
     * @param {number} options.maxAttempts failed attempts in a row after which it gives up
     * @param {number} options.attemptsPerMinute the most attempts in any minute; 0 is no limit
     * @param {boolean} [options.countsFailures] whether attempts that do not open count in that
     * @param {number} options.openTimeoutMs
     * @param {() => void} options.onOpen
     * @param {(message: object) => void} options.onMessage
     * @param {(text: unknown) => void} options.onGarbage
     * @param {(ending: object) => boolean} options.mayReturn told of each end; whether to come back
     * @param {(ending: object, willReturn: boolean) => void} options.onDown
     * @param {(attempt: number, delayMs: number) => void} options.onWaiting
     * @param {(ending: object) => void} options.onClosed told once there will be no further attempt
     */
    constructor(options) {
        Object.assign(this, options);
        this.backoff = options.backoff ?? new Backoff();
        this.countsFailures = options.countsFailures ?? true;
        this.attempts = new SlidingWindow(options.attemptsPerMinute, 60_000);
        this.state = 'idle';
    }

    /** Begins; does nothing where it has begun. */
    start() {
        if (this.state !== 'idle' && this.state !== 'closed') return;
        this.backoff.reset();
        this.#notBefore = 0;
        this.#hint = false;
        this.#wait(0);
    }

    /** Hands a text to the open connection. */
    send(text) {
        this.#socket?.send(text);
    }

    /** The connection does what it is for: the next failure is the first again. */
    confirm() {
        this.backoff.reset();
    }

    /** The peer has said how long to stay away, in milliseconds. */
    holdOff(milliseconds) {
        this.#notBefore = Math.max(this.#notBefore, this.clock.now() + milliseconds);
        this.#hint = true;
    }

    /** Gives up a dead connection and makes another. */
    replace(reason) {
        this.#socket?.abandon(reason);
    }

    /** Says goodbye and comes back at once. */
    renew(reason) {
        if (this.state !== 'open') return;
        const socket = this.#socket;
        this.holdOff(0);
        this.#ended({ code: 1000, reason, isRenewal: true });
        socket.close(1000, reason);
    }

    /** Ends for good. */
    stop(code = 1000, reason = '') {
        if (this.state === 'idle' || this.state === 'closed') return;
        const socket = this.#socket;
        this.#close({ code, reason, byClient: true });
        socket?.close(code, reason);
    }

    #wait(delay) {
        const now = this.clock.now();
        const wait = Math.max(delay, this.#notBefore - now, this.attempts.waitMs(now));
        this.state = 'waiting';
        if (this.backoff.attempts > 0) this.onWaiting(this.backoff.attempts, wait);
        // A handler may have ended it.
        if (this.state === 'waiting') this.#cancelWait = this.clock.after(wait, () => this.#connect());
    }

    async #connect() {
        this.#cancelWait = null;
        this.state = 'connecting';
        if (this.countsFailures) this.attempts.count(this.clock.now());
        const generation = ++this.#generation;
        let url;
        try {
            url = await this.url();
        } catch (error) {
            if (generation === this.#generation) this.#ended({ code: 1006, reason: String(error?.message ?? error) });
            return;
        }
        if (generation !== this.#generation) return;
        const current = (action) => (value) => {
            if (generation === this.#generation) action(value);
        };
        this.#socket = new Socket({
            WebSocket: this.WebSocket,
            url,
            clock: this.clock,
            openTimeoutMs: this.openTimeoutMs,
            onOpen: current(() => {
                this.state = 'open';
                if (!this.countsFailures) this.attempts.count(this.clock.now());
                this.#notBefore = 0;
                this.#hint = false;
                this.onOpen();
            }),
            onMessage: current(this.onMessage),
            onGarbage: current(this.onGarbage),
            onEnd: current((ending) => this.#ended(ending)),
        });
    }

    #ended(ending) {
        this.#socket = null;
        this.#generation += 1;
        if (ending.retryAfterMs !== undefined) this.holdOff(ending.retryAfterMs);
        const willReturn = ending.isRenewal || (this.mayReturn(ending) && this.backoff.attempts < this.maxAttempts);
        if (!willReturn) {
            this.#close(ending);
            return;
        }
        this.state = 'waiting';
        this.onDown(ending, true);
        if (this.state !== 'waiting') return;
        // The coordinator spreads its clients' return by itself: its word counts instead of our dice.
        const isTold = this.#hint;
        if (isTold) this.backoff.skip();
        const delay = isTold ? 0 : this.backoff.next();
        this.#hint = false;
        this.#wait(delay);
    }

    #close(ending) {
        this.state = 'closed';
        this.#generation += 1;
        this.#cancelWait?.();
        this.#cancelWait = null;
        this.#socket = null;
        this.onDown(ending, false);
        this.onClosed(ending);
    }
}
