/** A close that never came over the network: the connection could not be made, or broke. */
export const ABNORMAL = 1006;

/**
 * The WebSocket constructor to use: the one given (node-ws, for instance), else the platform's own.
 *
 * @throws {TypeError} where there is neither
 */
export function webSocketConstructor(given) {
    const constructor = given ?? globalThis.WebSocket;
    if (typeof constructor !== 'function') {
        throw new TypeError('this platform has no WebSocket: pass one as { WebSocket }, of node-ws for instance');
    }
    return constructor;
}

/**
 * One connection of any WebSocket implementation. It opens or not, tells each text message as an object, and ends
 * exactly once, whatever the implementation makes of errors.
 */
export class Socket {
    #raw = null;
    #cancelDeadline = null;
    #hasEnded = false;
    #isOpen = false;

    /**
     * @param {object} options
     * @param {new (url: string) => WebSocket} options.WebSocket
     * @param {string} options.url
     * @param {import('./clock.js').Clock} options.clock
     * @param {number} options.openTimeoutMs after so long without an opening it counts as failed
     * @param {() => void} options.onOpen
     * @param {(message: object) => void} options.onMessage
     * @param {(text: unknown) => void} options.onGarbage told of what is no JSON object
     * @param {(ending: {code: number, reason: string, retryAfterMs?: number}) => void} options.onEnd
     */
    constructor(options) {
        Object.assign(this, options);
        this.#cancelDeadline = this.clock.after(this.openTimeoutMs, () => this.abandon('no answer in time'));
        try {
            this.#raw = new this.WebSocket(this.url);
        } catch (error) {
            // Later, as with every other failure: nobody expects to be called back from a constructor.
            this.clock.after(0, () => this.#end({ code: ABNORMAL, reason: String(error?.message ?? error) }));
            return;
        }
        this.#raw.onopen = () => this.#opened();
        this.#raw.onmessage = (event) => this.#received(event.data);
        // What went wrong is in the close that follows; without a handler some implementations throw.
        this.#raw.onerror = () => {};
        this.#raw.onclose = (event) => this.#end({ code: event.code ?? ABNORMAL, reason: String(event.reason ?? '') });
        this.#hearRefusals();
    }

    /** Hands over a text; what the connection does not take any more is nobody's. */
    send(text) {
        if (this.#isOpen && !this.#hasEnded) this.#raw.send(text);
    }

    /** Says goodbye. The end is told at once: nobody waits for a peer that may be gone. */
    close(code = 1000, reason = '') {
        if (this.#hasEnded) return;
        try {
            this.#raw?.close(code, reason);
        } catch {
            // Not open yet in an implementation that minds; it will never be used.
        }
        this.#end({ code, reason });
    }

    /** Gives a dead connection up without waiting for it. */
    abandon(reason) {
        if (this.#hasEnded) return;
        if (typeof this.#raw?.terminate === 'function') this.#raw.terminate();
        else this.#raw?.close();
        this.#end({ code: ABNORMAL, reason });
    }

    /** node-ws tells of HTTP answers that are no upgrade; browsers keep them to themselves. */
    #hearRefusals() {
        if (typeof this.#raw.on !== 'function') return;
        this.#raw.on('unexpected-response', (request, response) => {
            const seconds = Number(response.headers?.['retry-after']);
            const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
            request.destroy?.();
            this.#end({ code: ABNORMAL, reason: `HTTP ${response.statusCode}`, retryAfterMs });
        });
    }

    #opened() {
        if (this.#hasEnded) return;
        this.#cancelDeadline();
        this.#isOpen = true;
        this.onOpen();
    }

    #received(text) {
        if (this.#hasEnded) return;
        let message;
        try {
            message = JSON.parse(text);
        } catch {
            message = undefined;
        }
        if (message !== null && typeof message === 'object' && !Array.isArray(message)) this.onMessage(message);
        else this.onGarbage(text);
    }

    #end(ending) {
        if (this.#hasEnded) return;
        this.#hasEnded = true;
        this.#cancelDeadline();
        this.onEnd(ending);
    }
}
