// The hooks under React's own test renderer, with a peer that plays the QUBIX document.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach, test } from 'node:test';
import { createElement, StrictMode } from 'react';
import { WebSocketClient } from '@neurogrid/client';
import { useJobProgress, useMarketplaceUpdates, useProviderMetrics, useWebSocket } from '@neurogrid/client/react';
import { Diary, Peer, WebSocket } from './support.mjs';

const { act, create } = createRequire(import.meta.url)('react-test-renderer');
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const TIME = '2024-01-15T10:30:00.000Z';
let peer;
let client;

async function arrive() {
    peer = await Peer.open();
    client = new WebSocketClient(peer.url, { WebSocket, reconnectDelay: 20 });
    return new Diary(client);
}

afterEach(async () => {
    client.disconnect();
    await peer.close();
});

const render = async (component, properties = {}) => {
    let tree;
    await act(async () => {
        tree = create(createElement(component, properties));
    });
    return tree;
};

const metrics = (providerId, gpuPercent) => ({
    type: 'GPU_METRICS_UPDATE', subscriptionId: `provider:${providerId}`, data: { providerId, metrics: { gpuPercent } },
    timestamp: TIME,
});

test('useWebSocket says whether it is connected', async () => {
    const diary = await arrive();
    const tree = await render(() => useWebSocket(client).isConnected ? 'connected' : 'away');
    const guest = await peer.next();
    await act(() => diary.expect('connected'));
    assert.equal(tree.toJSON(), 'connected');
    await act(async () => {
        guest.cut();
        await diary.expect('disconnected');
    });
    assert.equal(tree.toJSON(), 'away');
    await act(() => tree.unmount());
});

test('useProviderMetrics hears its provider alone, and follows it', async () => {
    const diary = await arrive();
    const heard = [];
    const Dashboard = ({ providerId }) => {
        // A new callback with each rendering must not subscribe anew.
        useProviderMetrics(providerId, (data) => heard.push(data.metrics.gpuPercent), client);
        return null;
    };
    const tree = await render(Dashboard, { providerId: null });
    assert.deepEqual(client.subscriptions, []);
    await act(() => tree.update(createElement(Dashboard, { providerId: 'a' })));
    await act(() => tree.update(createElement(Dashboard, { providerId: 'a' })));
    const guest = await peer.next();
    assert.deepEqual(await guest.hear(), { type: 'subscribe:provider', subscriptionId: 'a' });
    guest.say(metrics('a', 1));
    guest.say(metrics('b', 2));
    guest.say(metrics('a', 3));
    await diary.until(() => diary.of('GPU_METRICS_UPDATE').length === 3, 'metrics');
    assert.deepEqual(heard, [1, 3]);
    await act(() => tree.update(createElement(Dashboard, { providerId: 'b' })));
    assert.deepEqual(await guest.hear(), { type: 'unsubscribe', subscriptionId: 'provider:a' });
    assert.deepEqual(await guest.hear(), { type: 'subscribe:provider', subscriptionId: 'b' });
    await act(() => tree.unmount());
    assert.deepEqual(await guest.hear(), { type: 'unsubscribe', subscriptionId: 'provider:b' });
});

test('the newest callback is called', async () => {
    const diary = await arrive();
    const heard = [];
    const Watcher = ({ name }) => {
        useMarketplaceUpdates((data) => heard.push([name, data.id]), client);
        return null;
    };
    const tree = await render(Watcher, { name: 'first' });
    await act(() => tree.update(createElement(Watcher, { name: 'second' })));
    const guest = await peer.next();
    guest.say({ type: 'PROVIDER_REGISTERED', subscriptionId: 'marketplace', data: { id: 'a' }, timestamp: TIME });
    await diary.expect('PROVIDER_REGISTERED');
    assert.deepEqual(heard, [['second', 'a']]);
    await act(() => tree.unmount());
});

test('components share a subscription, and the last one ends it', async () => {
    await arrive();
    const Watcher = () => {
        useMarketplaceUpdates(() => {}, client);
        return null;
    };
    const one = await render(Watcher);
    const other = await render(Watcher);
    const guest = await peer.next();
    assert.deepEqual(await guest.hear(), { type: 'subscribe:marketplace' });
    await act(() => one.unmount());
    assert.deepEqual(client.subscriptions, ['marketplace']);
    await act(() => other.unmount());
    assert.deepEqual(await guest.hear(), { type: 'unsubscribe', subscriptionId: 'marketplace' });
});

test('the strict mode, which runs every effect twice, leaves one subscription', async () => {
    await arrive();
    const Watcher = () => {
        useMarketplaceUpdates(() => {}, client);
        return null;
    };
    const tree = await render(() => createElement(StrictMode, null, createElement(Watcher)));
    assert.deepEqual(client.subscriptions, ['marketplace']);
    await act(() => tree.unmount());
    assert.deepEqual(client.subscriptions, []);
});

test('useMarketplaceUpdates and useJobProgress hear all that is theirs', async () => {
    const diary = await arrive();
    const market = [];
    const progress = [];
    const Page = () => {
        useMarketplaceUpdates((data, message) => market.push(message.type), client);
        useJobProgress('job-1', (data) => progress.push(data.progress?.progress ?? data.status), client);
        return null;
    };
    const tree = await render(Page);
    const guest = await peer.next();
    const say = (type, subscriptionId, data) => guest.say({ type, subscriptionId, data, timestamp: TIME });
    say('PROVIDER_REGISTERED', 'marketplace', { id: 'a' });
    say('PROVIDER_STATUS_CHANGED', 'provider:a', { providerId: 'a', isOnline: true });
    say('MARKETPLACE_UPDATE', 'provider:a', { providerId: 'a', rental: 'rented' });
    say('JOB_PROGRESS', 'job:job-1', { jobId: 'job-1', progress: { progress: 75, status: 'running' } });
    say('JOB_PROGRESS', 'job:other', { jobId: 'other', progress: { progress: 5, status: 'running' } });
    say('JOB_COMPLETED', 'job:job-1', { jobId: 'job-1', status: 'completed', result: {} });
    await diary.expect('JOB_COMPLETED');
    assert.deepEqual(market, ['PROVIDER_REGISTERED', 'PROVIDER_STATUS_CHANGED', 'MARKETPLACE_UPDATE']);
    assert.deepEqual(progress, [75, 'completed']);
    await act(() => tree.unmount());
});
