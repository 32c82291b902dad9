// Runs the document's JavaScript as it stands, against the coordinator named: only host:port and the token are
// replaced. Arguments: HOST:PORT TOKEN. Reports what the script's own handlers see, a JSON line each.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');
const WebSocket = require('ws');

const [address, token] = process.argv.slice(2);
const source = fs.readFileSync(path.join(__dirname, 'neurogrid_document_client.js'), 'utf8')
    .replaceAll('localhost:3001', address)
    .replaceAll('your-jwt-token', token);

const report = (name, data) => process.stdout.write(JSON.stringify({ report: name, data }) + '\n');

// What a page around the script would provide.
const page = vm.createContext({
    WebSocket,
    console: { log() {}, warn: console.error, error: console.error },
    setTimeout,
    updateTaskUI: (data) => report('updateTaskUI', data),
    updateNodeDashboard: (data) => report('updateNodeDashboard', data),
    showNotification: (level, title, message) => report('showNotification', { level, title, message }),
});
vm.runInContext(source, page, { filename: 'neurogrid_document_client.js' });

// The script's `ws` is its own constant; more handlers are added through its own API, before the first event.
page.report = report;
vm.runInContext(
    `for (const type of ['auth_response', 'auth_error', 'connected', 'room_joined', 'node_metrics', 'error']) {
        ws.on(type, (data) => report(type, data));
    }`,
    page,
);
