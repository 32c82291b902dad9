// The documented limits against the real coordinator: who uses the library does not run into them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { NeuroGridWebSocket } from '@neurogrid/client';
import { Diary, grid, WebSocket } from './support.mjs';

const { url } = await grid('where');
const { token } = await grid('token', { permissions: ['admin'] });
const ROOMS = ['nodes', 'tasks', 'alerts', 'topology', 'predictions', 'logs', 'analytics', 'general', 'user_updates'];
const clients = [];
after(() => clients.forEach((client) => client.disconnect()));

function arrive(options) {
    const client = new NeuroGridWebSocket(url, token, { WebSocket, reconnectDelay: 50, ...options });
    clients.push(client);
    return { client, diary: new Diary(client) };
}

test('the eleventh room is refused here, not there', async () => {
    const { client, diary } = arrive();
    client.connect();
    const names = [...ROOMS, 'job:some-job'];
    const outcomes = await Promise.allSettled(names.map((room) => client.joinRoom(room)));
    assert.equal(client.rooms.length, outcomes.filter((it) => it.status === 'fulfilled').length);
    while (client.rooms.length < 10) client.joinRoom(`job:job-${client.rooms.length}`);
    await assert.rejects(client.joinRoom('job:too-many'), { code: 'TOO_MANY_REQUESTS', subject: 'job:too-many' });
    assert.equal(diary.of('rate_limit_exceeded').length, 0);
});

test('where the coordinator allows fewer rooms than the client thinks, its word counts', async () => {
    const { client, diary } = arrive({ maxRooms: 20 });
    client.connect();
    await Promise.all(ROOMS.map((room) => client.joinRoom(room)));
    const { nodes } = await grid('nodes');
    assert.deepEqual(nodes, []);
    await grid('agent', { name: 'node-1' });
    await grid('agent', { name: 'node-2' });
    const ids = new Set();
    client.on('node_metrics', (data) => ids.add(data.node_id));
    await diary.until(() => ids.size === 2, 'two nodes');
    const [one, other] = ids;
    await client.joinRoom(`node:${one}`);
    await assert.rejects(client.joinRoom(`node:${other}`), { code: 'TOO_MANY_REQUESTS' });
    assert.equal(diary.of('rate_limit_exceeded').length, 1);
    assert.ok(!client.rooms.includes(`node:${other}`));
});

test('hundreds of messages and a dozen returns stay below the rates', async () => {
    const sockets = [];
    const Counting = class extends WebSocket {
        constructor(address) {
            super(address);
            sockets.push(this);
            this.count = 0;
        }

        send(text) {
            this.count += 1;
            super.send(text);
        }
    };
    const { client, diary } = arrive({ WebSocket: Counting, queueLimit: 1000 });
    client.connect();
    await Promise.all(ROOMS.map((room) => client.joinRoom(room)));
    for (let number = 0; number < 300; number += 1) client.send({ type: 'ping', data: { number } });
    for (let cut = 0; cut < 4; cut += 1) {
        diary.clear();
        sockets.at(-1).terminate();
        await diary.until(() => diary.of('room_joined').length === ROOMS.length, 'all rooms again');
    }
    assert.equal(diary.of('rate_limit_exceeded').length, 0);
    assert.deepEqual(sockets.filter((socket) => socket.count > 100), []);
    assert.equal(client.rooms.length, ROOMS.length);
});
