// The NeuroGraph client against a peer that plays its document.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import NeurographWSClient, { Channel } from '@neurogrid/client/neurograph';
import * as library from '@neurogrid/client/neurograph';
import { Console, sample } from './documents.mjs';
import { Diary, HandClock, Peer, scriptedSockets, settled, WebSocket, within } from './support.mjs';

globalThis.WebSocket = WebSocket;

const TIME = '2024-12-29T12:00:00Z';
let peer;
let client;

const greet = (guest, number) => guest.say({
    type: 'connected', client_id: guest.query.get('client_id') ?? `client-${number}`, user_id: null, timestamp: TIME,
});
const event = (channel, data, event_type = 'system_metrics') => ({ channel, timestamp: TIME, event_type, data });

async function arrive(options = {}) {
    peer = await Peer.open(greet);
    client = new NeurographWSClient({
        url: `${peer.url}/ws`, token: 'jwt-token', WebSocket, reconnectDelay: 20, ...options,
    });
    return new Diary(client);
}

afterEach(async () => {
    client?.disconnect();
    await peer?.close();
    client = peer = undefined;
});

/** What the application has that the document's samples are part of. */
const around = (seen) => ({
    modules: { './neurograph-ws-client': library }, NeurographWSClient, console: seen, result: 'client',
    replaced: { 'ws://localhost:8000': peer.url },
});

test("the document's overview", async () => {
    peer = await Peer.open(greet);
    const seen = new Console();
    client = await sample('neurograph_overview.ts', around(seen))();
    const guest = await peer.next();
    assert.equal(guest.query.get('token'), 'jwt-token');
    assert.deepEqual(await guest.hear(), { type: 'subscribe', channels: ['metrics'] });
    guest.say(event('metrics', { cpu_percent: 45.2 }));
    const [, told] = await within(seen.line('Metrics:'), 'metrics');
    assert.deepEqual(told, event('metrics', { cpu_percent: 45.2 }));
    // It listens for the greeting behind the first one: the next connection has another.
    guest.cut();
    await within(seen.line('Connected:'), 'connection');
});

test("the document's sample", async () => {
    peer = await Peer.open(greet);
    const seen = new Console();
    client = await sample('neurograph_client.ts', around(seen))();
    const diary = new Diary(client);
    let guest = await peer.next();
    assert.equal(guest.query.get('token'), 'your-jwt-token');
    assert.deepEqual(await guest.hear(), { type: 'subscribe', channels: ['metrics'] });
    assert.deepEqual(await guest.hear(), { type: 'subscribe', channels: ['signals'] });
    guest.say({ type: 'subscribed', channels: ['metrics'], timestamp: TIME });
    guest.say(event('metrics', { cpu_percent: 45.2 }));
    guest.say(event('signals', { severity: 'warning' }, 'alert_new'));
    guest.say(event('logs', {}, 'log'));
    guest.say({ type: 'pong', timestamp: TIME });
    await diary.expect('pong');
    guest.cut();
    guest = await peer.next();
    await diary.expect('connected');
    client.disconnect();
    assert.equal(await guest.closed, 1000);
    assert.deepEqual(seen.lines, [
        ['System metrics:', { cpu_percent: 45.2 }], ['Signal event:', { severity: 'warning' }],
        ['Disconnected:', 'closed with 1006'], ['Connected as:', 'client-0'], ['Disconnected:', 'Client disconnect'],
    ]);
});

test('it comes back under its id, in its channels', async () => {
    const diary = await arrive();
    const heard = [];
    client.subscribe([Channel.METRICS, Channel.ACTIONS], (it) => heard.push(it.data.number));
    await client.connect();
    let guest = await peer.next();
    assert.equal(guest.query.get('client_id'), null);
    assert.deepEqual(await guest.hear(), { type: 'subscribe', channels: ['metrics', 'actions'] });
    guest.say(event('metrics', { number: 1 }));
    guest.cut();
    guest = await peer.next();
    assert.equal(guest.query.get('client_id'), 'client-0');
    assert.deepEqual(await guest.hear(), { type: 'subscribe', channels: ['metrics', 'actions'] });
    guest.say({ type: 'buffer_overflow', dropped: 3 });
    guest.say(event('metrics', { number: 5 }));
    assert.equal((await diary.expect('buffer_overflow')).data.dropped, 3);
    await diary.until(() => diary.of('connected').length === 2, 'second greeting');
    guest.say({ type: 'pong', timestamp: TIME });
    await diary.expect('pong');
    assert.deepEqual(heard, [1, 5]);
});

test('several handlers share a subscription', async () => {
    await arrive();
    await client.connect();
    const guest = await peer.next();
    const off = client.subscribe('logs', () => {});
    const other = () => {};
    client.subscribe('logs', other);
    assert.deepEqual(await guest.hear(), { type: 'subscribe', channels: ['logs'] });
    off();
    off();
    client.unsubscribe('logs', () => {});
    assert.deepEqual(client.channels, ['logs']);
    client.unsubscribe('logs', other);
    assert.deepEqual(await guest.hear(), { type: 'unsubscribe', channels: ['logs'] });
    client.subscribe('status', () => {});
    client.unsubscribe('status');
    assert.deepEqual(await guest.hear(), { type: 'subscribe', channels: ['status'] });
    assert.deepEqual(await guest.hear(), { type: 'unsubscribe', channels: ['status'] });
});

test('it asks for its subscriptions, and for a sign of life', async () => {
    const diary = await arrive({ heartbeatInterval: 50, heartbeatTimeout: 5000 });
    await client.connect();
    const guest = await peer.next();
    const asked = client.getSubscriptions();
    assert.deepEqual(await guest.hear(), { type: 'get_subscriptions' });
    guest.say({ type: 'subscriptions', channels: ['logs'], timestamp: TIME });
    assert.deepEqual(await asked, ['logs']);
    assert.deepEqual(await guest.hear(), { type: 'ping' });
    guest.say({ type: 'error', message: 'Error description' });
    assert.equal((await diary.expect('error')).data.message, 'Error description');
    const unanswered = client.getSubscriptions();
    guest.cut();
    await assert.rejects(unanswered, { name: 'Disconnected' });
});

test('without autoReconnect it stays away', async () => {
    const diary = await arrive({ autoReconnect: false });
    await client.connect();
    (await peer.next()).cut();
    const down = await diary.expect('disconnected');
    assert.equal(down.data.willReconnect, false);
    assert.equal(client.state, 'closed');
});

test('waits double, up to the cap, and begins anew after a success', async () => {
    const clock = new HandClock();
    const Scripted = scriptedSockets();
    client = new NeurographWSClient({
        url: 'ws://peer/ws', WebSocket: Scripted, clock, random: () => 0.5, heartbeatInterval: 0,
        connectionsPerMinute: 0, maxReconnectDelay: 5000,
    });
    const delays = [];
    client.on('reconnecting', ({ delayMs }) => delays.push(delayMs));
    client.connect();
    await clock.move(0);
    const last = () => Scripted.made.at(-1);
    for (let attempt = 0; attempt < 5; attempt += 1) {
        last().end();
        await clock.move(delays.at(-1));
    }
    assert.deepEqual(delays, [500, 1000, 2000, 2500, 2500]);
    last().open();
    await settled();
    last().say({ type: 'connected', client_id: 'client-0', user_id: null, timestamp: TIME });
    last().end();
    assert.equal(delays.at(-1), 500);
});

test('handlers come and go', async () => {
    const diary = await arrive();
    const heard = [];
    const one = () => heard.push('one');
    client.on('connected', one);
    const off = client.on('connected', () => heard.push('two'));
    const greeted = (times) => diary.until(() => diary.of('connected').length === times, `greeting ${times}`);
    client.connect();
    await greeted(1);
    off();
    (await peer.next()).cut();
    await greeted(2);
    client.off('connected', one);
    (await peer.next()).cut();
    await greeted(3);
    assert.deepEqual(heard, ['one', 'two', 'one']);
});

test('it says how it stands', async () => {
    await arrive();
    const standing = () => [client.state, client.isConnected, client.clientId, client.connectionInfo];
    assert.deepEqual(standing(), ['idle', false, null, null]);
    const connecting = client.connect();
    assert.notEqual(client.state, 'idle');
    assert.deepEqual(standing().slice(1), [false, null, null]);
    const info = await connecting;
    assert.deepEqual(info, { type: 'connected', client_id: 'client-0', user_id: null, timestamp: TIME });
    assert.deepEqual(standing(), ['open', true, 'client-0', info]);
    client.disconnect();
    assert.deepEqual(standing().slice(0, 2), ['closed', false]);
});

test('it writes what it sees where it is told to', async () => {
    const debug = console.debug;
    for (const isTold of [true, false]) {
        const written = [];
        console.debug = (...line) => written.push(line);
        try {
            await arrive({ debug: isTold });
            await client.connect();
            client.disconnect();
            await peer.close();
        } finally {
            console.debug = debug;
        }
        const greetings = written.filter(([name, what]) => name === 'neurograph:' && what.type === 'connected');
        assert.equal(greetings.length, isTold ? 1 : 0);
        assert.equal(written.length > 0, isTold);
    }
});
