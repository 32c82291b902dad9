// A client on node-ws: sends each line of its input as a message, and prints each message it gets as a line. Argument: the
// URL. The last line tells the close code.
'use strict';

const readline = require('readline');
const WebSocket = require('ws');

const socket = new WebSocket(process.argv[2]);
socket.on('open', () => {
    process.stdout.write('{"type":"open"}\n');
    readline.createInterface({ input: process.stdin }).on('line', (line) => socket.send(line));
});
socket.on('message', (data) => process.stdout.write(data.toString() + '\n'));
socket.on('close', (code) => {
    process.stdout.write(JSON.stringify({ type: 'close', code }) + '\n');
    process.exit(0);
});
