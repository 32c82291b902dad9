// Runs the NeuroGraph document's browser sample as it stands: only host and port are replaced. Argument: HOST:PORT. What it
// writes to its console is printed, a JSON line each.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');
const WebSocket = require('ws');

const sample = fs.readFileSync(path.join(__dirname, 'neurograph_document_browser.js'), 'utf8')
    .replaceAll('localhost:8000', process.argv[2]);

vm.runInNewContext(sample, {
    WebSocket,
    console: { log: (...shown) => process.stdout.write(JSON.stringify(shown) + '\n') },
});
