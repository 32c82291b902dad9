// Types the samples of EyeNet's document into a console as they stand: only host, port and token are replaced.
// Arguments: HOST:PORT, the token and the transport. A line of the input is `sample NAME`, or JavaScript to be typed
// behind them; each is answered when it is typed. What the console shows is printed, a JSON line each.
'use strict';

const readline = require('readline');
const vm = require('vm');
const { io } = require('./socketio_client.js');
const { documentSamples } = require('./document_samples.js');

const [address, token, transport] = process.argv.slice(2);
const samples = documentSamples('eyenet_document_samples.js', [
    ['localhost:5000', address], ['your_jwt_token', token],
]);

const show = (...shown) => process.stdout.write(JSON.stringify(shown) + '\n');

// What a page around the samples would have.
const console_ = vm.createContext({
    io: (url, opts) => {
        const socket = io(url, { transports: [transport], ...opts });
        // Nothing comes before whoever types has said what is to be shown of it.
        socket.on('connect', () => show('connect', socket.io.opts.transports[0]));
        socket.on('connect_error', (error) => show('connect_error', error.message, error.data));
        socket.on('disconnect', (reason) => show('disconnect', reason));
        for (const name of ['subscribed', 'error']) socket.on(name, (said) => show(name, said));
        return socket;
    },
    processMetricsBatch: (batch) => show('batch', batch),
    console: { log: show },
});

readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const name = line.startsWith('sample ') ? line.slice('sample '.length) : null;
    vm.runInContext(name === null ? line : samples.get(name), console_);
    show('typed', line);
});
