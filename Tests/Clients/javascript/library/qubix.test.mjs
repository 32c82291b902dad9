// The QUBIX client against a peer that plays its document.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { getWebSocketClient, resetWebSocketClient, WebSocketClient, WSEventType } from '@neurogrid/client';
import { Diary, HandClock, Peer, scriptedSockets, settled, WebSocket } from './support.mjs';

const TIME = '2024-01-15T10:30:00.000Z';
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
