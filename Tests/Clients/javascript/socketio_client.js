// What EyeNet's samples use of the JavaScript Socket.IO client, which Debian does not package: `io` and its sockets,
// with the library's names, reasons and order of events, on node's `ws` and `fetch`. Only one transport at a time: the
// way from one to the other is python-socketio's to show.
'use strict';

const WebSocket = require('ws');

class Emitter {
    constructor() { this.listeners = []; }

    on(name, listener) { this.listeners.push([name, listener]); }

    tell(name, ...said) {
        for (const [wanted, listener] of [...this.listeners]) if (wanted === name) listener(...said);
    }
}

class WebSocketTransport {
    constructor(address, take, end) {
        this.socket = new WebSocket(`ws://${address}/socket.io/?EIO=4&transport=websocket`);
        this.socket.on('message', (data) => take(data.toString()));
        this.socket.on('error', () => {});  // `close` comes as well
        this.socket.on('close', end);
    }

    send(packet) { this.socket.send(packet); }

    close() { this.socket.close(); }
}

class PollingTransport {
    constructor(address, take, end) {
        this.url = `http://${address}/socket.io/?EIO=4&transport=polling`;
        this.breaker = new AbortController();
        this.sent = Promise.resolve();
        this.poll(take).catch(() => {}).finally(end);
    }

    async poll(take) {
        for (;;) {
            const answer = await fetch(this.url, { signal: this.breaker.signal });
            if (!answer.ok) return;
            for (const packet of (await answer.text()).split('\x1e')) {
                if (packet[0] === '0') this.url += `&sid=${JSON.parse(packet.slice(1)).sid}`;
                take(packet);
            }
        }
    }

    send(packet) {
        // One after the other, so that they arrive in order.
        this.sent = this.sent.then(() => fetch(this.url, { method: 'POST', body: packet })).catch(() => {});
    }

    close() { this.breaker.abort(); }
}

class Manager extends Emitter {
    constructor(address, opts) {
        super();
        this.address = address;
        this.opts = { transports: ['websocket'], reconnectionDelay: 50, ...opts };
        this.attempts = 0;
    }

    open() {
        const Transport = this.opts.transports[0] === 'polling' ? PollingTransport : WebSocketTransport;
        const transport = new Transport(
            this.address,
            (packet) => { if (this.transport === transport) this.take(packet); },
            () => { if (this.transport === transport) this.lost(); });
        this.transport = transport;
    }

    take(packet) {
        switch (packet[0]) {
        case '0':
            this.attempts = 0;
            this.socket.enter();
            break;
        case '1': return this.transport.close();
        case '2': return this.transport.send('3');
        case '4': return this.socket.take(packet.slice(1));
        }
    }

    // The transport ended and nobody wanted it to.
    lost() {
        this.transport = null;
        this.socket.leave('transport close');
        setTimeout(() => {
            this.attempts += 1;
            this.tell('reconnect_attempt', this.attempts);
            this.open();
        }, this.opts.reconnectionDelay);
    }

    // Its only socket is in no namespace any more.
    drop() {
        const { transport } = this;
        this.transport = null;
        transport.close();
    }
}

class Socket extends Emitter {
    constructor(manager, namespace, auth) {
        super();
        Object.assign(this, { io: manager, auth, connected: false, waiting: [], callbacks: new Map(), last: 0 });
        this.prefix = namespace === '/' ? '' : `${namespace},`;
        manager.socket = this;
    }

    connect() {
        this.io.open();
        return this;
    }

    enter() { this.io.transport.send(`40${this.prefix}${JSON.stringify(this.auth)}`); }

    leave(reason) {
        if (!this.connected) return;
        this.connected = false;
        this.tell('disconnect', reason);
    }

    emit(name, ...said) {
        let id = '';
        if (typeof said.at(-1) === 'function') {
            id = String(this.last++);
            this.callbacks.set(id, said.pop());
        }
        const packet = `42${this.prefix}${id}${JSON.stringify([name, ...said])}`;
        if (this.connected) this.io.transport.send(packet); else this.waiting.push(packet);
    }

    take(packet) {
        if (!packet.startsWith(this.prefix, 1)) return;
        const [, id, json] = /^(\d*)(.*)$/s.exec(packet.slice(1 + this.prefix.length));
        const said = json && JSON.parse(json);
        switch (packet[0]) {
        case '0':
            this.connected = true;
            this.tell('connect');
            for (const waiting of this.waiting.splice(0)) this.io.transport.send(waiting);
            break;
        case '1':
            this.io.drop();
            this.leave('io server disconnect');
            break;
        case '2': return this.tell(...said);
        case '3':
            this.callbacks.get(id)(...said);
            this.callbacks.delete(id);
            break;
        case '4':
            this.io.drop();
            this.tell('connect_error', Object.assign(new Error(said.message), { data: said.data }));
            break;
        }
    }
}

// Connects to the namespace that the URL's path names.
exports.io = (url, opts) => {
    const { host, pathname } = new URL(url);
    return new Socket(new Manager(host, opts), pathname, opts.auth).connect();
};
