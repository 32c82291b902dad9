// What the tests of the JavaScript library share: the grid that the driver runs, a peer that plays a document, and a
// clock that is moved by hand.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
export const WebSocket = require('ws');

/** How long anything may take, in milliseconds. */
const PATIENCE = 120_000;

/** Asks the driver to do something with its grid; see check_javascript_library.py for what it can. */
export async function grid(operation, details = {}) {
    const answer = await fetch(process.env.NEUROGRID_CONTROL, {
        method: 'POST', body: JSON.stringify({ operation, ...details }),
    });
    const said = await answer.json();
    if (answer.status !== 200) throw new Error(`${operation}: ${said.error}`);
    return said;
}

/** What happened, or an error after a while that says what happened instead. */
export function within(promise, what, milliseconds = PATIENCE) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no ${what} within ${milliseconds} ms`)), milliseconds);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Everything a client tells, in order, to be awaited. */
export class Diary {
    constructor(client) {
        this.entries = [];
        this.waiting = new Set();
        client.on('*', (data, message, type) => this.#write({ type, data, message }));
    }

    #write(entry) {
        this.entries.push(entry);
        for (const wait of this.waiting) wait();
    }

    /** Entries of a type. */
    of(type) {
        return this.entries.filter((entry) => entry.type === type);
    }

    /** Begins anew. */
    clear() {
        this.entries = [];
    }

    /** The first entry of a type for which `where` holds, now or later. */
    async expect(type, where = () => true) {
        const found = () => this.entries.find((entry) => entry.type === type && where(entry.data, entry.message));
        await this.until(() => found() !== undefined, type);
        return found();
    }

    /** Waits until something holds of what was written. */
    async until(holds, what) {
        if (holds()) return;
        let wait;
        const came = new Promise((resolve) => {
            wait = () => holds() && resolve();
            this.waiting.add(wait);
        });
        try {
            await within(came, what);
        } catch (error) {
            error.message += `; instead ${this.entries.map((entry) => entry.type).join(', ')}`;
            throw error;
        } finally {
            this.waiting.delete(wait);
        }
    }
}

/** A coordinator of one dialect as its document has it, on a free port: each connection is a `Guest`. */
export class Peer {
    static async open(greet = () => {}) {
        const peer = new Peer();
        peer.guests = [];
        peer.waiting = [];
        peer.server = new WebSocket.Server({ port: 0, host: '127.0.0.1' });
        await new Promise((resolve) => peer.server.once('listening', resolve));
        peer.url = `ws://127.0.0.1:${peer.server.address().port}`;
        peer.server.on('connection', (socket, request) => {
            const guest = new Guest(socket, request);
            greet(guest, peer.guests.length);
            (peer.waiting.shift() ?? ((it) => peer.guests.push(it)))(guest);
        });
        return peer;
    }

    /** The next connection. */
    next() {
        if (this.guests.length > 0) return this.guests.shift();
        return within(new Promise((resolve) => this.waiting.push(resolve)), 'connection');
    }

    close() {
        for (const client of this.server.clients) client.terminate();
        return new Promise((resolve) => this.server.close(resolve));
    }
}

class Guest {
    constructor(socket, request) {
        this.socket = socket;
        this.query = new URL(request.url, 'ws://peer').searchParams;
        this.messages = [];
        this.waiting = [];
        this.closed = new Promise((resolve) => socket.on('close', (code) => resolve(code)));
        socket.on('message', (text) => {
            const message = JSON.parse(text);
            (this.waiting.shift() ?? ((it) => this.messages.push(it)))(message);
        });
    }

    /** The next message. */
    hear() {
        if (this.messages.length > 0) return this.messages.shift();
        return within(new Promise((resolve) => this.waiting.push(resolve)), 'message');
    }

    say(message) {
        this.socket.send(JSON.stringify(message));
    }

    /** The connection breaks without a word. */
    cut() {
        this.socket.terminate();
    }
}

/** A clock that stands still until it is moved. */
export class HandClock {
    #now = 1_700_000_000_000;
    #timers = [];

    now() {
        return this.#now;
    }

    after(milliseconds, action) {
        const timer = { at: this.#now + milliseconds, action };
        this.#timers.push(timer);
        return () => {
            this.#timers = this.#timers.filter((other) => other !== timer);
        };
    }

    /** When the next timer is due, in milliseconds from now; `null` without any. */
    get nextMs() {
        return this.#timers.length === 0 ? null : Math.min(...this.#timers.map((timer) => timer.at)) - this.#now;
    }

    /** Moves it, and runs what is due on the way, in order. */
    async move(milliseconds) {
        const end = this.#now + milliseconds;
        for (;;) {
            await settled();
            const due = this.#timers.filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at)[0];
            if (!due) break;
            this.#timers = this.#timers.filter((timer) => timer !== due);
            this.#now = Math.max(this.#now, due.at);
            due.action();
        }
        this.#now = end;
        await settled();
    }
}

/** Lets what was promised happen. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A WebSocket whose other side is the test. `ScriptedSocket.made` are all of them, newest last. */
export function scriptedSockets() {
    const made = [];
    return class ScriptedSocket {
        static made = made;

        constructor(url) {
            this.url = url;
            this.sent = [];
            this.listeners = {};
            made.push(this);
        }

        on(type, listener) {
            this.listeners[type] = listener;
        }

        send(text) {
            this.sent.push(JSON.parse(text));
        }

        close(code) {
            this.closedWith = code;
        }

        terminate() {
            this.closedWith = 1006;
        }

        // The peer's side.
        open() {
            this.onopen();
        }

        say(message) {
            this.onmessage({ data: JSON.stringify(message) });
        }

        end(code = 1006, reason = '') {
            this.onclose({ code, reason });
        }

        refuse(statusCode, headers = {}) {
            this.listeners['unexpected-response']({ destroy() {} }, { statusCode, headers });
        }
    };
}
