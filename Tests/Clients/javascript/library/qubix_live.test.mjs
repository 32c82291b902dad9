// The QUBIX client, its hooks and its document's samples against the real coordinator.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, test } from 'node:test';
import { createElement } from 'react';
import { getWebSocketClient, resetWebSocketClient, WebSocketClient, WSEventType } from '@neurogrid/client';
import * as hooks from '@neurogrid/client/react';
import * as services from '@neurogrid/client/qubix';
import { Console, sample } from './documents.mjs';
import { Diary, grid, WebSocket, within } from './support.mjs';

const { act, create } = createRequire(import.meta.url)('react-test-renderer');
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const { address } = await grid('where');
// What a page has: its own host, and WebSockets.
globalThis.location = new URL(`http://${address}/market`);
globalThis.WebSocket = WebSocket;

const modules = { '../services/websocket': services, '../hooks/useWebSocket': hooks };
const clients = [];
const trees = [];
let provider;

afterEach(async () => {
    for (const tree of trees.splice(0)) await act(() => tree.unmount());
    resetWebSocketClient();
    clients.splice(0).forEach((client) => client.disconnect());
});
after(() => grid('ebb'));

function arrive(options = {}) {
    const client = new WebSocketClient(`ws://${address}`, { reconnectDelay: 100, connectionsPerMinute: 0, ...options });
    clients.push(client);
    return { client, diary: new Diary(client) };
}

async function render(component, properties = {}) {
    let tree;
    await act(async () => {
        tree = create(createElement(component, properties));
    });
    trees.push(tree);
    return tree;
}

/** Waits until what is shown is right; React shows what it is told behind the event. */
async function shows(tree, diary, isRight, what) {
    // So many events without it are enough.
    for (let patience = 500; patience > 0; patience -= 1) {
        const count = diary.entries.length;
        await act(async () => {});
        if (isRight(tree.toJSON())) return;
        await diary.until(() => diary.entries.length > count, what);
    }
    throw new Error(`no ${what}, but ${JSON.stringify(tree.toJSON())}`);
}

test('the sample of the client, typed a paragraph at a time', async () => {
    const seen = new Console();
    const sent = [];
    const answers = [];
    globalThis.WebSocket = class extends WebSocket {
        constructor(url) {
            super(url);
            this.on('message', (text) => answers.push(JSON.parse(text)));
        }

        send(text) {
            sent.push(JSON.parse(text));
            super.send(text);
        }
    };
    let paragraph = 0;
    const pause = async () => {
        paragraph += 1;
        // Behind the one that subscribes to providers and listens, a provider arrives.
        if (paragraph !== 7) return;
        await grid('agent', { name: 'node-1', price: '0.40' });
        await within(seen.line('New provider:'), 'new provider');
    };
    await sample('qubix_client.ts', { modules, pause, console: seen })();
    globalThis.WebSocket = WebSocket;
    assert.deepEqual(sent.map((it) => [it.type, it.subscriptionId]), [
        ['subscribe:marketplace', undefined], ['subscribe:provider', 'provider-123'],
        ['unsubscribe', 'provider:provider-123'],
    ]);
    const [, data] = await seen.line('New provider:');
    assert.equal(data.pricePerHour, 0.4);
    assert.equal(data.workerId.length, 64);
    provider = data.id;
    const confirmed = answers.filter((it) => it.type === 'subscribed').map((it) => it.subscriptionId);
    assert.deepEqual(confirmed.sort(), ['marketplace', 'provider:provider-123']);
    assert.deepEqual(answers.filter((it) => it.type === 'error'), []);
});

test('everything is subscribed to, acknowledged, told, ended', async () => {
    const { client, diary } = arrive({ heartbeatInterval: 50 });
    await client.connect();
    assert.equal(client.isConnected, true);
    client.subscribeToMarketplace();
    client.subscribeToProvider(provider);
    const acknowledged = async (type, id) => diary.expect(type, (data) => data.subscriptionId === id);
    await acknowledged(WSEventType.SUBSCRIBED, 'marketplace');
    await acknowledged(WSEventType.SUBSCRIBED, `provider:${provider}`);
    const reading = await diary.expect(WSEventType.GPU_METRICS_UPDATE);
    assert.equal(reading.data.providerId, provider);
    assert.ok(reading.data.metrics.ramPercent > 0);
    client.unsubscribe(`provider:${provider}`);
    await acknowledged(WSEventType.UNSUBSCRIBED, `provider:${provider}`);
    // The heartbeat's own.
    await diary.expect(WSEventType.PONG);
    diary.clear();
    client.subscribeToProvider('provider-123');
    await acknowledged(WSEventType.SUBSCRIBED, 'provider:provider-123');
    assert.deepEqual(diary.of(WSEventType.GPU_METRICS_UPDATE), []);
    // A job is its owner's: without a token there is none.
    client.subscribeToJob('job-1');
    const refusal = await diary.expect(WSEventType.ERROR);
    assert.equal(refusal.data.code, 'NOT_AUTHENTICATED');
    assert.equal(client.isConnected, true);
    client.disconnect();
    assert.equal(client.isConnected, false);
});

test('a power cut is over within five seconds, with all subscriptions', async () => {
    const { token } = await grid('token', { user: 'anna', permissions: ['task:submit'] });
    const { job_id: job } = await grid('submit', { user: 'anna', seconds: 0 });
    const { client, diary } = arrive({ reconnectDelay: 1000, token });
    client.connect();
    client.subscribeToMarketplace();
    client.subscribeToProvider(provider);
    client.subscribeToJob(job);
    await diary.expect('GPU_METRICS_UPDATE');
    await diary.expect('subscribed', (data) => data.subscriptionId === `job:${job}`);
    diary.clear();
    await grid('kill');
    await diary.expect('disconnected', (data) => data.willReconnect);
    for (const id of ['marketplace', `provider:${provider}`, `job:${job}`]) {
        await diary.expect('subscribed', (data) => data.subscriptionId === id);
    }
    const waits = diary.of('reconnecting').map((it) => it.data);
    assert.ok(waits.length >= 1 && waits[0].attempt === 1 && waits.every((it) => it.delayMs <= 5000), waits);
    await diary.expect('GPU_METRICS_UPDATE');
});

test('the sample of the marketplace', async () => {
    const seen = new Console();
    const Marketplace = await sample('qubix_marketplace.tsx', {
        modules, console: seen, result: 'MarketplaceComponent',
    })();
    const diary = new Diary(getWebSocketClient());
    const tree = await render(Marketplace);
    assert.equal(tree.toJSON().type, 'div');
    await diary.expect('subscribed', (data) => data.subscriptionId === 'marketplace');
    await grid('flood', { nodes: 1 });
    const { data } = await diary.expect('PROVIDER_REGISTERED');
    assert.equal(data.gpuModel, 'Checked GPU');
    await diary.expect('MARKETPLACE_UPDATE', (it) => it.providerId === data.id && it.rental === 'free');
    assert.ok(seen.lines.some(([text, it]) => text === 'Marketplace update:' && it.id === data.id));
    assert.ok(seen.lines.some(([, it]) => it.providerId === data.id && it.isOnline === true));
    provider = data.id;
});

test('the sample of the provider', async () => {
    const Dashboard = await sample('qubix_provider.tsx', { modules, result: 'ProviderDashboard' })();
    const diary = new Diary(getWebSocketClient());
    const tree = await render(Dashboard, { providerId: provider });
    const text = ({ children }) => children?.[0].children.map((line) => line.children.join('')).join() ?? '';
    await shows(tree, diary, (shown) => /^GPU Usage: \d+%,Temperature: 60°C$/.test(text(shown)), 'readings');
    const first = text(tree.toJSON());
    await shows(tree, diary, (shown) => text(shown) !== first, 'another reading');
});

test('the sample of the job', async () => {
    const { token } = await grid('token', { user: 'anna', permissions: ['task:submit'] });
    const diary = new Diary(getWebSocketClient(undefined, { token }));
    const { job_id: job } = await grid('submit', { user: 'anna', seconds: 1 });
    const Monitor = await sample('qubix_job.tsx', { modules, result: 'JobMonitor' })();
    const tree = await render(Monitor, { jobId: job });
    const end = await diary.expect('JOB_COMPLETED');
    assert.equal(end.data.status, 'completed');
    await shows(tree, diary, (shown) => shown.children[0].props.value === 100, 'the end');
    assert.deepEqual(tree.toJSON().children[1].children, ['100', '%']);
    const steps = diary.of('JOB_PROGRESS').map((it) => it.data.progress.progress);
    assert.deepEqual(steps, [...steps].sort((one, other) => one - other));
});

test('the core hook tells of the connection and sends', async () => {
    const client = getWebSocketClient();
    const diary = new Diary(client);
    let socket;
    const Page = () => {
        socket = hooks.useWebSocket();
        return socket.isConnected ? 'connected' : 'away';
    };
    const tree = await render(Page);
    await shows(tree, diary, (shown) => shown === 'connected', 'connection');
    const pong = new Promise((resolve) => socket.on(WSEventType.PONG, resolve));
    socket.send({ type: 'ping' });
    await within(pong, 'pong');
    await act(async () => client.disconnect());
    assert.equal(tree.toJSON(), 'away');
});
