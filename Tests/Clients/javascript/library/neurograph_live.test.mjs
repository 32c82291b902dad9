// The NeuroGraph client and its document's samples against the real coordinator.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as library from '@neurogrid/client/neurograph';
import { Console, sample } from './documents.mjs';
import { Diary, grid, settled, WebSocket, within } from './support.mjs';

const { NeurographWSClient, Channel } = library;
const { address } = await grid('where');
const { token } = await grid('token', { permissions: ['admin'] });
const url = `ws://${address}/ws`;
const sockets = [];
globalThis.WebSocket = class extends WebSocket {
    constructor(address) {
        super(address);
        sockets.push(this);
    }
};
const clients = [];
after(() => clients.forEach((client) => client.disconnect()));

async function arrive(options = {}) {
    const client = new NeurographWSClient({ url, token, reconnectDelay: 100, connectionsPerMinute: 0, ...options });
    clients.push(client);
    const diary = new Diary(client);
    await within(client.connect(), 'connected');
    return { client, diary };
}

/** Subscribes; the promise of its confirmation. */
function subscribed({ client, diary }, channels, handler) {
    client.subscribe(channels, handler);
    return diary.expect('subscribed', (data) => data.channels.join() === [channels].flat().join());
}

const say = (channel, number) => grid('broadcast', { channel, event_type: 'custom', data: { number } });

for (const [file, metrics, events] of [
    ['neurograph_overview.ts', 'Metrics:', null], ['neurograph_client.ts', 'System metrics:', 'Signal event:'],
]) {
    test(`the document's sample ${file}`, async () => {
        const seen = new Console();
        const client = await sample(file, {
            modules: { './neurograph-ws-client': library }, NeurographWSClient, console: seen, result: 'client',
            replaced: { 'localhost:8000': address, 'your-jwt-token': token, 'jwt-token': token },
        })();
        clients.push(client);
        const [, told] = await within(seen.line(metrics), 'metrics');
        const data = told.data ?? told;
        assert.deepEqual(Object.keys(data).sort(), ['cpu_percent', 'events_per_sec', 'memory_mb', 'total_tokens']);
        if (events) {
            // Metrics came, so what was subscribed to with them is, too.
            assert.deepEqual(await client.getSubscriptions(), ['metrics', 'signals']);
            await say('signals', 1);
            const [, signal] = await within(seen.line(events), 'signal');
            assert.deepEqual(signal, { number: 1 });
        }
        const reason = new Promise((resolve) => client.on('disconnected', (info) => resolve(info.reason)));
        client.disconnect();
        assert.equal(await reason, 'Client disconnect');
    });
}

test('it comes back under its id and is told what it missed', async () => {
    let open = Promise.resolve();
    let letIn;
    // Whoever returns asks for a token: so it stays away until it is let in.
    const arrival = await arrive({ token: async () => (await open, token) });
    const { client, diary } = arrival;
    const heard = [];
    await subscribed(arrival, [Channel.SIGNALS, Channel.LOGS], (event) => {
        if (event.event_type === 'custom') heard.push(event.data.number);
        // Diaries hear nothing of channels; they look up when the answer comes.
        client.ping();
    });
    const name = client.clientId;
    await say('signals', 1);
    await diary.until(() => heard.length === 1, 'the first');
    open = new Promise((resolve) => (letIn = resolve));
    sockets.at(-1).terminate();
    while ((await grid('neurograph')).total_connections > 0) await settled();
    for (let number = 2; number < 6; number += 1) await say('signals', number);
    letIn();
    await diary.until(() => heard.includes(5), 'what was missed');
    await say('signals', 6);
    await diary.until(() => heard.includes(6), 'what comes now');
    assert.deepEqual(heard, [1, 2, 3, 4, 5, 6]);
    assert.equal(client.clientId, name);
    assert.deepEqual(diary.of('buffer_overflow'), []);
});

test('channels end, and foreign ones are errors that keep the connection', async () => {
    const arrival = await arrive();
    const { client, diary } = arrival;
    const off = client.subscribe(Channel.METRICS, () => {});
    await subscribed(arrival, Channel.STATUS, () => {});
    off();
    await diary.expect('unsubscribed', (data) => data.channels.join() === 'metrics');
    assert.deepEqual(await client.getSubscriptions(), ['status']);
    client.subscribe('nosuch', () => {});
    assert.equal(typeof (await diary.expect('error')).data.message, 'string');
    client.ping();
    await diary.expect('pong');
    assert.equal(client.isConnected, true);
});

test('it knows the channels there are', async () => {
    const { channels } = await grid('neurograph');
    assert.deepEqual(Object.values(Channel), channels.map((channel) => channel.name));
});
