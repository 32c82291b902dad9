// Types the QUBIX document's manual test into a console as it stands, a line at a time, each when the one before has had
// its effect: only host and port are replaced. Argument: HOST:PORT. What the console shows is printed, a JSON line each.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');
const WebSocket = require('ws');

const lines = fs.readFileSync(path.join(__dirname, 'qubix_document_console.js'), 'utf8')
    .replaceAll('localhost:3001', process.argv[2])
    .split('\n');

const console_ = vm.createContext({
    WebSocket,
    console: { log: (...shown) => process.stdout.write(JSON.stringify(shown) + '\n') },
});

(async () => {
    for (const line of lines) {
        const socket = vm.runInContext('typeof ws === "undefined" ? undefined : ws', console_);
        if (line.startsWith('ws.send')) {
            await new Promise((resolve) => socket.addEventListener('open', () => setTimeout(resolve, 50)));
        }
        vm.runInContext(line, console_);
    }
})();
