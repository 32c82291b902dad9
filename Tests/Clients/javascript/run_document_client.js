// Runs the document's JavaScript as it stands, against the coordinator named: only host:port and the token are
// replaced. Arguments: HOST:PORT TOKEN. Reports what the script's own handlers and its console see, a JSON line each,
// and runs each line of its input where the script's own names are known.
//
// With HURRY=1 the page's clock tells how long it was asked to wait and does not: ten doubled delays are a quarter of an
// hour.
'use strict';

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const vm = require('vm');
const WebSocket = require('ws');

const [address, token] = process.argv.slice(2);
const source = fs.readFileSync(path.join(__dirname, 'neurogrid_document_client.js'), 'utf8')
    .replaceAll('localhost:3001', address)
    .replaceAll('your-jwt-token', token);

const report = (name, data) => process.stdout.write(JSON.stringify({ report: name, data }) + '\n');
const say = (name) => (...words) => report(name, words.map(String));

// What a page around the script would provide.
const page = vm.createContext({
    WebSocket,
    console: { log: say('log'), warn: say('warn'), error: say('error') },
    setTimeout(work, milliseconds) {
        report('wait', milliseconds);
        return setTimeout(work, process.env.HURRY ? 0 : milliseconds);
    },
    updateTaskUI: (data) => report('updateTaskUI', data),
    updateNodeDashboard: (data) => report('updateNodeDashboard', data),
    showNotification: (level, title, message) => report('showNotification', { level, title, message }),
});
vm.runInContext(source, page, { filename: 'neurogrid_document_client.js' });

// The script's `ws` is its own constant; more handlers are added through its own API, before the first event.
page.report = report;
vm.runInContext(
    `for (const type of [
        'auth_response', 'auth_error', 'connected', 'room_joined', 'room_left', 'node_metrics', 'error', 'pong',
    ]) {
        ws.on(type, (data) => report(type, data));
    }`,
    page,
);

readline.createInterface({ input: process.stdin }).on('line', (line) => vm.runInContext(line, page));
