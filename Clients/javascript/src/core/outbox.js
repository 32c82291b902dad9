import { SlidingWindow } from './window.js';

/** The share of a minute's messages that is kept for the protocol's own, so that rooms never wait for the rest. */
const OWN_SHARE = 1 / 6;

/**
 * What is on its way to the coordinator: paced below the documented rate, kept within a bound while nobody is there
 * to take it.
 *
 * Two lanes: the protocol's own messages (authentication, rooms, heartbeats) go first and mean nothing to another
 * connection; the application's wait for a connection that is ready for them, and outlive it.
 */
export class Outbox {
    #own = [];
    #application = [];
    #isOpen = false;
    #isReady = false;
    #pausedUntil = 0;
    #cancelTimer = null;

    /**
     * @param {object} options
     * @param {import('./clock.js').Clock} options.clock
     * @param {(text: string) => void} options.deliver hands one message to the socket
     * @param {(dropped: string) => void} options.onOverflow told of each message that found no room
     * @param {number} options.capacity the most application messages that wait
     * @param {number} options.perMinute the most messages in any minute of one connection; 0 is no limit
     */
    constructor({ clock, deliver, onOverflow, capacity, perMinute }) {
        this.clock = clock;
        this.deliver = deliver;
        this.onOverflow = onOverflow;
        this.capacity = capacity;
        this.window = new SlidingWindow(perMinute, 60_000);
        this.reserve = Math.floor(perMinute * OWN_SHARE);
    }

    /** Application messages that wait. */
    get waiting() {
        return this.#application.length;
    }

    /** A fresh connection takes the protocol's own messages. Limits are a connection's: its minute begins anew. */
    open() {
        this.#isOpen = true;
        this.#pausedUntil = 0;
        this.window.clear();
        this.flush();
    }

    /** The connection takes the application's messages, too. */
    ready() {
        this.#isReady = true;
        this.flush();
    }

    /** The connection is gone, and the protocol's own messages with it. */
    close() {
        this.#isOpen = false;
        this.#isReady = false;
        this.#own = [];
        this.#cancel();
    }

    /** Sends one of the protocol's own messages on this connection. */
    sendOwn(message) {
        if (!this.#isOpen) return;
        this.#own.push(JSON.stringify(message));
        this.flush();
    }

    /** Sends a heartbeat: counted, but never held back, or a slow minute would look like a dead connection. */
    sendNow(message) {
        if (!this.#isOpen) return;
        this.window.count(this.clock.now());
        this.deliver(JSON.stringify(message));
    }

    /** Sends one of the application's messages, now or on a later connection. The oldest gives way to the newest. */
    send(message) {
        const text = JSON.stringify(message);
        this.#application.push(text);
        this.flush();
        if (this.#application.length > this.capacity) this.onOverflow(this.#application.shift());
    }

    /** Sends nothing before a moment: the coordinator has said so. */
    pauseUntil(moment) {
        this.#pausedUntil = Math.max(this.#pausedUntil, moment);
    }

    /** Sends what may be sent now, and comes back for the rest. */
    flush() {
        this.#cancel();
        while (this.#isOpen) {
            const isOwn = this.#own.length > 0;
            const lane = isOwn ? this.#own : this.#application;
            if (lane.length === 0 || !(isOwn || this.#isReady)) return;
            const now = this.clock.now();
            const wait = Math.max(this.#pausedUntil - now, this.window.waitMs(now, isOwn ? 0 : this.reserve));
            if (wait > 0) {
                this.#cancelTimer = this.clock.after(wait, () => this.flush());
                return;
            }
            this.window.count(now);
            this.deliver(lane.shift());
        }
    }

    #cancel() {
        this.#cancelTimer?.();
        this.#cancelTimer = null;
    }
}
