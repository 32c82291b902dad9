// Types the samples of the NeuroGrid document into a page as they stand: only host:port and the token are replaced.
// Arguments: HOST:PORT TOKEN. Each line of the input names the sample to type next. What the page's console shows and
// what its socket hears is printed, a JSON line each.
'use strict';

const readline = require('readline');
const vm = require('vm');
const WebSocket = require('ws');
const { documentSamples } = require('./document_samples.js');

const [address, token] = process.argv.slice(2);
const samples = documentSamples('neurogrid_document_samples.js', [
    ['localhost:3001', address], ['your-jwt-token-here', token],
]);

const report = (name, data) => process.stdout.write(JSON.stringify({ report: name, data }) + '\n');
const page = vm.createContext({ WebSocket, report, console: { log: (...words) => report('log', words) } });

readline.createInterface({ input: process.stdin }).on('line', (name) => {
    vm.runInContext(samples.get(name), page);
    if (name === 'connect') {
        // The document shows no handler of messages here; a page has one.
        vm.runInContext(
            `socket.onmessage = (event) => {
                const message = JSON.parse(event.data);
                report(message.type, message.data);
            };`,
            page,
        );
    }
});
