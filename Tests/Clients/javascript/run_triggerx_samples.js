// Types the samples of TriggerX' document into a console as they stand: only host, port and key are replaced. Arguments:
// HOST:PORT and the key. Each line of the input names the sample to type next, and is answered when it is typed. What the
// console shows is printed, a JSON line each.
'use strict';

const readline = require('readline');
const vm = require('vm');
const WebSocket = require('ws');
const { documentSamples } = require('./document_samples.js');

const samples = documentSamples('triggerx_document_samples.js', [
    ['localhost:9002', process.argv[2]], ['YOUR_API_KEY', process.argv[3]],
]);

const console_ = vm.createContext({
    WebSocket,
    console: { log: (...shown) => process.stdout.write(JSON.stringify(shown) + '\n') },
});

readline.createInterface({ input: process.stdin }).on('line', (name) => {
    vm.runInContext(samples.get(name), console_);
    process.stdout.write(JSON.stringify(['typed', name]) + '\n');
});
