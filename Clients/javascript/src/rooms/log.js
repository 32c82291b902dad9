/**
 * A place in a room's log, as the coordinator numbers it.
 *
 * @typedef {{epoch: number, offset: number}} Position
 */

/** The most offsets that are remembered while replays mix; more than that may come double, none gets lost. */
const REMEMBERED = 65_536;

/**
 * What the client has had of one log (`nodes` is the log of every `node:{id}`).
 *
 * Where one room alone looks at a log, its events come in order, and the last one is the place. Several rooms that
 * resume are replayed one after the other while the first are live already: then the highest offset says nothing of
 * the others, the place stays where all of them began, and what came is remembered so that nothing is told twice
 * should the connection break in the middle. That is *settling*; it is over with the first live event after all
 * replays.
 */
export class Log {
    /** @type {Position | null} Everything up to here came. */
    place = null;
    #settling = null;

    get isSettling() {
        return this.#settling !== null;
    }

    /** Several rooms are about to be replayed. What is remembered of an earlier settling stays. */
    settle() {
        this.#settling = { seen: this.#settling?.seen ?? new Set(), isReplayed: false, highest: 0, until: Infinity };
    }

    /** All replays have ended: the next event above all others is a live one. */
    replaysEnded() {
        if (this.#settling) this.#settling.isReplayed = true;
    }

    /** Nobody will say when the replays end: they are taken for ended at a moment (milliseconds since 1970). */
    settleBy(moment) {
        if (this.#settling) this.#settling.until = moment;
    }

    /** The coordinator says where the client is. */
    moveTo(position) {
        this.place = position;
        this.#settling = null;
    }

    /** The log goes on under another epoch, with everything that the client still has to see. */
    goOnAt(position) {
        const isSettling = this.isSettling;
        this.moveTo(position);
        // What is remembered are offsets of the former epoch, which may be other events now.
        if (isSettling) this.settle();
    }

    /**
     * An event came.
     *
     * @param {Position} position its own
     * @param {number} now milliseconds since 1970
     * @returns {boolean} whether it is a new one
     */
    take(position, now) {
        const settling = this.#settling;
        if (this.place !== null && this.place.epoch !== position.epoch) this.moveTo(position);
        else if (settling === null) this.place = position;
        else return this.#takeSettling(settling, position, now);
        return true;
    }

    #takeSettling(settling, position, now) {
        if (settling.seen.has(position.offset)) return false;
        if (settling.isReplayed ? position.offset > settling.highest : now >= settling.until) {
            this.moveTo(position);
            return true;
        }
        settling.highest = Math.max(settling.highest, position.offset);
        if (settling.seen.size < REMEMBERED) settling.seen.add(position.offset);
        return true;
    }
}
