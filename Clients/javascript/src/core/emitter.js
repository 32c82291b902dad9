/**
 * Handlers by event type. A handler that throws does not keep others from being called; what it threw is told as
 * `handler_error`, or on the console where nobody listens for that.
 */
export class Emitter {
    #handlers = new Map();

    /**
     * Calls a handler for each event of a type; `*` is every type.
     *
     * @returns {() => void} takes the handler away again
     */
    on(type, handler) {
        if (typeof handler !== 'function') throw new TypeError(`the handler of ${type} is no function`);
        if (!this.#handlers.has(type)) this.#handlers.set(type, []);
        this.#handlers.get(type).push(handler);
        return () => this.off(type, handler);
    }

    /** The same for the next event alone. */
    once(type, handler) {
        const off = this.on(type, (...values) => {
            off();
            handler(...values);
        });
        return off;
    }

    /** Takes a handler away. Returns whether it was there. */
    off(type, handler) {
        const rest = [...(this.#handlers.get(type) ?? [])];
        const place = rest.indexOf(handler);
        if (place < 0) return false;
        rest.splice(place, 1);
        // Replaced, not changed: an emission that is going on keeps its own list.
        if (rest.length > 0) this.#handlers.set(type, rest);
        else this.#handlers.delete(type);
        return true;
    }

    /** Takes all handlers of a type away. */
    clear(type) {
        this.#handlers.delete(type);
    }

    /** Whether anybody listens for a type. */
    has(type) {
        return this.#handlers.has(type);
    }

    /** Calls the handlers of a type, and those of every type, which get the type third. */
    emit(type, data, message) {
        for (const handler of this.#handlers.get(type) ?? []) this.#call(type, handler, data, message);
        for (const handler of this.#handlers.get('*') ?? []) this.#call(type, handler, data, message, type);
    }

    #call(type, handler, ...values) {
        try {
            handler(...values);
        } catch (error) {
            const isHeard = this.has('handler_error') || this.has('*');
            if (type !== 'handler_error' && isHeard) this.emit('handler_error', { type, error });
            else console.error(`a handler of ${type} threw`, error);
        }
    }
}
