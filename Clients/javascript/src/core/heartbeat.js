/** Asks for a sign of life where there was none for a while, and tells when none comes. */
export class Heartbeat {
    #cancel = null;
    #heardAt = 0;

    /**
     * @param {object} options
     * @param {import('./clock.js').Clock} options.clock
     * @param {number} options.intervalMs between two questions; 0 asks nothing
     * @param {number} options.timeoutMs how long an answer may take
     * @param {boolean} [options.isSteady] ask also where much is heard, for peers that count the questions
     * @param {() => void} options.ask sends a ping
     * @param {() => void} options.onDeath told once when nothing came
     */
    constructor({ clock, intervalMs, timeoutMs, isSteady = false, ask, onDeath }) {
        Object.assign(this, { clock, intervalMs, timeoutMs, isSteady, ask, onDeath });
    }

    /** A connection begins. */
    start() {
        this.stop();
        this.heard();
        if (this.intervalMs > 0) this.#cancel = this.clock.after(this.intervalMs, () => this.#beat());
    }

    /** Anything came from the peer. */
    heard() {
        this.#heardAt = this.clock.now();
    }

    /** The connection is over. */
    stop() {
        this.#cancel?.();
        this.#cancel = null;
    }

    #beat() {
        const silent = this.clock.now() - this.#heardAt;
        if (!this.isSteady && silent < this.intervalMs) {
            this.#cancel = this.clock.after(this.intervalMs - silent, () => this.#beat());
            return;
        }
        const asked = this.clock.now();
        this.ask();
        this.#cancel = this.clock.after(this.timeoutMs, () => this.#judge(asked));
    }

    #judge(asked) {
        if (this.#heardAt < asked) {
            this.stop();
            this.onDeath();
            return;
        }
        const rest = Math.max(0, asked + this.intervalMs - this.clock.now());
        this.#cancel = this.clock.after(rest, () => this.#beat());
    }
}
