/**
 * Time as the clients see it; tests pass one of their own.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds since 1970
 * @property {(milliseconds: number, action: () => void) => () => void} after runs an action later; returns its undoing
 */

/** @type {Clock} The machine's own. */
export const systemClock = {
    now: () => Date.now(),
    after(milliseconds, action) {
        const timer = setTimeout(action, milliseconds);
        return () => clearTimeout(timer);
    },
};
