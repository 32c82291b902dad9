/**
 * How long to wait before the next attempt: exponential with full jitter, so that clients which lost the same
 * coordinator do not all come back at once.
 */
export class Backoff {
    #attempts = 0;

    /**
     * @param {object} [options]
     * @param {number} [options.baseMs] the longest first wait, in milliseconds
     * @param {number} [options.capMs] the longest wait of all, in milliseconds
     * @param {() => number} [options.random] uniform in [0, 1)
     */
    constructor({ baseMs = 1000, capMs = 30_000, random = Math.random } = {}) {
        this.baseMs = baseMs;
        this.capMs = capMs;
        this.random = random;
    }

    /** Attempts since the last {@link reset}. */
    get attempts() {
        return this.#attempts;
    }

    /** The longest that the next wait may be, in milliseconds. */
    get ceilingMs() {
        // Beyond 2^30 the power says nothing that the cap does not.
        return Math.min(this.capMs, this.baseMs * 2 ** Math.min(this.#attempts, 30));
    }

    /** Counts an attempt and returns the wait before it, in whole milliseconds. */
    next() {
        const wait = Math.floor(this.random() * this.ceilingMs);
        this.#attempts += 1;
        return wait;
    }

    /** Counts an attempt whose wait somebody else has named. */
    skip() {
        this.#attempts += 1;
    }

    /** An attempt has succeeded. */
    reset() {
        this.#attempts = 0;
    }
}
