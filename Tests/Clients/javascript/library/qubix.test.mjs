// The QUBIX client against a peer that plays its document.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { getWebSocketClient, resetWebSocketClient, WebSocketClient, WSEventType } from '@neurogrid/client';
import * as services from '@neurogrid/client/qubix';
import { Console, sample } from './documents.mjs';
import { Diary, HandClock, Peer, scriptedSockets, settled, WebSocket, within } from './support.mjs';

const TIME = '2024-01-15T10:30:00.000Z';
const platform = { WebSocket: globalThis.WebSocket, location: globalThis.location };
let peer;
let client;

async function arrive(options = {}) {
    peer = await Peer.open();
    client = new WebSocketClient(peer.url, { WebSocket, reconnectDelay: 20, ...options });
    return new Diary(client);
}

afterEach(async () => {
    resetWebSocketClient();
    client?.disconnect();
    await peer?.close();
    client = peer = undefined;
    globalThis.WebSocket = platform.WebSocket;
    globalThis.location = platform.location;
});

test("the document's own sample", async () => {
    peer = await Peer.open();
    const wsClient = getWebSocketClient(peer.url, { WebSocket });
    const heard = [];

    await wsClient.connect();
    wsClient.subscribeToMarketplace();
    wsClient.on(WSEventType.PROVIDER_REGISTERED, (data) => heard.push(data));
    wsClient.subscribeToProvider('provider-123');
    wsClient.on(WSEventType.GPU_METRICS_UPDATE, (data) => heard.push(data));

    const guest = await peer.next();
    assert.deepEqual(await guest.hear(), { type: 'subscribe:marketplace' });
    assert.deepEqual(await guest.hear(), { type: 'subscribe:provider', subscriptionId: 'provider-123' });
    const diary = new Diary(wsClient);
    const provider = { id: 'provider-123', workerId: 'w', gpuModel: 'RTX', pricePerHour: 0.4 };
    guest.say({ type: 'PROVIDER_REGISTERED', subscriptionId: 'marketplace', data: provider, timestamp: TIME });
    const metrics = { providerId: 'provider-123', metrics: { cpuPercent: 45.2, gpuPercent: 80.5, gpuTemp: 72 } };
    guest.say({
        type: 'GPU_METRICS_UPDATE', subscriptionId: 'provider:provider-123', data: metrics, timestamp: TIME,
    });
    await diary.expect('GPU_METRICS_UPDATE');
    assert.deepEqual(heard, [provider, metrics]);

    wsClient.unsubscribe('provider:provider-123');
    assert.deepEqual(await guest.hear(), { type: 'unsubscribe', subscriptionId: 'provider:provider-123' });
    wsClient.disconnect();
    assert.equal(await guest.closed, 1000);
    assert.equal(getWebSocketClient(), wsClient);
    assert.throws(() => getWebSocketClient('ws://elsewhere'), /there already/);
});

test("the document's sample as it stands hears what it listens for", async () => {
    peer = await Peer.open();
    globalThis.location = new URL(peer.url.replace('ws:', 'http:'));
    globalThis.WebSocket = WebSocket;
    const seen = new Console();
    const provider = { id: 'provider-123', workerId: 'w', gpuModel: 'RTX', pricePerHour: 0.4 };
    const metrics = { providerId: 'provider-123', metrics: { gpuPercent: 80.5, gpuTemp: 72 } };
    const arrival = peer.next();
    let guest;
    let paragraph = 0;
    const pause = async () => {
        paragraph += 1;
        // Behind the one that listens for metrics.
        if (paragraph !== 7) return;
        guest = await arrival;
        guest.say({ type: 'PROVIDER_REGISTERED', subscriptionId: 'marketplace', data: provider, timestamp: TIME });
        guest.say({
            type: 'GPU_METRICS_UPDATE', subscriptionId: 'provider:provider-123', data: metrics, timestamp: TIME,
        });
        await within(seen.line('Metrics:'), 'metrics');
    };
    await sample('qubix_client.ts', { modules: { '../services/websocket': services }, pause, console: seen })();
    assert.deepEqual(seen.lines, [['New provider:', provider], ['Metrics:', metrics]]);
    for (const [type, subscriptionId] of [
        ['subscribe:marketplace'], ['subscribe:provider', 'provider-123'], ['unsubscribe', 'provider:provider-123'],
    ]) {
        assert.deepEqual(await guest.hear(), subscriptionId ? { type, subscriptionId } : { type });
    }
    assert.equal(await guest.closed, 1000);
});

test('every event of the document has its name', () => {
    const names = Object.values(WSEventType);
    for (const name of [
        'pong', 'subscribed', 'PROVIDER_REGISTERED', 'PROVIDER_STATUS_CHANGED', 'GPU_METRICS_UPDATE', 'JOB_PROGRESS',
        'JOB_COMPLETED', 'MARKETPLACE_UPDATE', 'error',
    ]) {
        assert.ok(names.includes(name), name);
    }
});

test("without an address it is the page's own host, secure where the page is", () => {
    for (const [page, address] of [
        [undefined, 'ws://localhost:3001'], ['http://market.example:8080/x', 'ws://market.example:8080/qubix'],
        ['https://market.example/x', 'wss://market.example/qubix'],
    ]) {
        globalThis.location = page && new URL(page);
        assert.equal(getWebSocketClient(undefined, { WebSocket }).url, address);
        resetWebSocketClient();
    }
});

test('handlers are called for their type until they are taken away', async () => {
    const diary = await arrive();
    const heard = [];
    const off = client.on('JOB_PROGRESS', (data, message) => heard.push([data.jobId, message.subscriptionId]));
    const other = () => heard.push('other');
    client.on('JOB_PROGRESS', other);
    client.on('JOB_COMPLETED', () => heard.push('end'));
    client.connect();
    const guest = await peer.next();
    const say = async (jobId) => {
        guest.say({ type: 'JOB_PROGRESS', subscriptionId: `job:${jobId}`, data: { jobId }, timestamp: TIME });
        await diary.expect('JOB_PROGRESS', (data) => data.jobId === jobId);
    };
    await say('one');
    client.off('JOB_PROGRESS', other);
    await say('two');
    off();
    await say('three');
    assert.deepEqual(heard, [['one', 'job:one'], 'other', ['two', 'job:two']]);
});

test('the state of the connection is told', async () => {
    const clock = new HandClock();
    const WebSocket = scriptedSockets();
    client = new WebSocketClient('ws://peer', { clock, WebSocket });
    const is = (state) => assert.deepEqual([client.state, client.isConnected], [state, state === 'open']);
    is('idle');
    client.connect();
    for (let cut = 0; cut < 2; cut += 1) {
        await clock.move(1000);
        is('connecting');
        WebSocket.made.at(-1).open();
        is('open');
        WebSocket.made.at(-1).end();
        is('waiting');
    }
    client.disconnect();
    is('closed');
});

test('it comes back from every end but its own and those that ask it not to', async () => {
    for (const [codes, state] of [
        [[1001, 1006, 1008, 1011, 1012, 1013, 3000, 3004, 3008, 3499], 'waiting'], [[1000, 3500, 3999], 'closed'],
    ]) {
        for (const code of codes) {
            const clock = new HandClock();
            const WebSocket = scriptedSockets();
            const client = new WebSocketClient('ws://peer', { clock, WebSocket });
            client.connect();
            await clock.move(0);
            WebSocket.made[0].open();
            WebSocket.made[0].end(code);
            assert.equal(client.state, state, `${code}`);
            client.disconnect();
        }
    }
});

test('acknowledgements and errors are told', async () => {
    const diary = await arrive();
    client.connect();
    const guest = await peer.next();
    guest.say({ type: 'subscribed', subscriptionId: 'marketplace', timestamp: TIME });
    guest.say({ type: 'error', data: { code: 'UNKNOWN_ROOM', message: 'no such job' }, timestamp: TIME });
    assert.equal((await diary.expect('subscribed')).data.subscriptionId, 'marketplace');
    assert.equal((await diary.expect('error')).data.message, 'no such job');
});

test('it comes back with all its subscriptions', async () => {
    const diary = await arrive({ token: async () => 'a token' });
    client.connect();
    client.subscribeToMarketplace();
    client.subscribeToProvider('p');
    client.subscribeToJob('j');
    client.subscribeToJob('other');
    client.unsubscribe('job:other');
    const wishes = [
        { type: 'subscribe:marketplace' }, { type: 'subscribe:provider', subscriptionId: 'p' },
        { type: 'subscribe:job', subscriptionId: 'j' },
    ];
    for (let cut = 0; cut < 3; cut += 1) {
        const guest = await peer.next();
        assert.equal(guest.query.get('token'), 'a token');
        for (const wish of wishes) assert.deepEqual(await guest.hear(), wish);
        guest.cut();
        await diary.until(() => diary.of('disconnected').length === cut + 1, 'end');
    }
    assert.deepEqual(client.subscriptions, ['marketplace', 'provider:p', 'job:j']);
});

test('it comes back within 5 s, ten times, each wait within its ceiling', async () => {
    const clock = new HandClock();
    const WebSocket = scriptedSockets();
    client = new WebSocketClient('ws://peer', { clock, WebSocket, random: () => 0.999999 });
    const diary = new Diary(client);
    const outcome = client.connect();
    for (let attempt = 0; attempt < 11; attempt += 1) {
        await clock.move(5000);
        assert.equal(WebSocket.made.length, attempt + 1);
        WebSocket.made.at(-1).end();
    }
    await assert.rejects(outcome);
    const waits = diary.of('reconnecting').map((it) => Math.ceil(it.data.delayMs / 1000));
    assert.deepEqual(waits, [1, 2, 4, 5, 5, 5, 5, 5, 5, 5]);
    assert.equal(diary.of('gave_up').length, 1);
    await clock.move(600_000);
    assert.equal(WebSocket.made.length, 11);
});

test('no more connections in a minute than the coordinator takes', async () => {
    const clock = new HandClock();
    const WebSocket = scriptedSockets();
    client = new WebSocketClient('ws://peer', { clock, WebSocket, random: () => 0 });
    client.connect();
    for (let cut = 0; cut < 8; cut += 1) {
        await clock.move(0);
        assert.equal(WebSocket.made.length, cut + 1);
        WebSocket.made.at(-1).open();
        WebSocket.made.at(-1).end();
    }
    await clock.move(59_999);
    assert.equal(WebSocket.made.length, 8);
    await clock.move(1);
    assert.equal(WebSocket.made.length, 9);
});

test('it asks every 30 s, whatever it hears, and leaves a peer that does not answer', async () => {
    const clock = new HandClock();
    const WebSocket = scriptedSockets();
    client = new WebSocketClient('ws://peer', { clock, WebSocket });
    client.connect();
    await clock.move(0);
    const [socket] = WebSocket.made;
    socket.open();
    for (let minute = 0; minute < 2; minute += 1) {
        await clock.move(29_999);
        socket.say({ type: 'MARKETPLACE_UPDATE', data: {} });
        assert.equal(socket.sent.length, minute);
        await clock.move(1);
        assert.deepEqual(socket.sent.at(-1), { type: 'ping' });
        socket.say({ type: 'pong' });
    }
    await clock.move(30_000);
    await clock.move(10_000);
    await settled();
    assert.equal(socket.closedWith, 1006);
    assert.equal(client.state, 'waiting');
});
