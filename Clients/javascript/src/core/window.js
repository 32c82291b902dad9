/** At most so many of something in any span of a length: the moments of the latest ones are kept. */
export class SlidingWindow {
    #moments = [];

    /**
     * @param {number} limit how many; 0 is no limit
     * @param {number} spanMs within how many milliseconds
     */
    constructor(limit, spanMs) {
        this.limit = limit;
        this.spanMs = spanMs;
    }

    /**
     * How many milliseconds to wait until one more is allowed, and `reserve` of the limit is left to others behind it;
     * 0 is now.
     */
    waitMs(now, reserve = 0) {
        if (this.limit === 0) return 0;
        while (this.#moments.length > 0 && this.#moments[0] <= now - this.spanMs) this.#moments.shift();
        const surplus = this.#moments.length - (this.limit - reserve);
        return surplus < 0 ? 0 : this.#moments[surplus] + this.spanMs - now;
    }

    /** One happens now. */
    count(now) {
        if (this.limit > 0) this.#moments.push(now);
    }

    /** Forgets everything. */
    clear() {
        this.#moments = [];
    }
}
