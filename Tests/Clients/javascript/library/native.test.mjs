// The native client against the real coordinator.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { NeuroGridWebSocket } from '@neurogrid/client';
import { Diary, grid, WebSocket, within } from './support.mjs';

const { url } = await grid('where');
const clients = [];
after(() => clients.forEach((client) => client.disconnect()));

async function arrive(options = {}, token = undefined) {
    const fixed = (await grid('token')).token;
    // Impatient, and as often as it likes: a restarting coordinator refuses more attempts than eight in no time.
    const impatient = { reconnectDelay: 100, connectionsPerMinute: 0 };
    const client = new NeuroGridWebSocket(url, token ?? fixed, { WebSocket, ...impatient, ...options });
    clients.push(client);
    return { client, diary: new Diary(client) };
}

/** Offsets of the events of a type that a diary has. */
const offsets = (diary, type) => diary.of(type).map((entry) => entry.message.offset);

/** Between two questions about something that does not tell by itself. */
const asked = () => new Promise((resolve) => setTimeout(resolve, 100));

const isUnbroken = (numbers) => numbers.every((number, place) => place === 0 || number === numbers[place - 1] + 1);

test('it authenticates, joins with a filter, and is told of what passes it', async () => {
    const { client, diary } = await arrive();
    const connected = await within(client.connect(), 'connected');
    assert.equal(connected.api_version, '1.0.0');
    const joined = await client.joinRoom('nodes', { regions: ['eu-west-1'] });
    assert.equal(joined.room, 'nodes');
    const other = await arrive();
    other.client.connect();
    await other.client.joinRoom('nodes', { regions: ['mars'] });
    await grid('agent', { name: 'node-1' });
    await grid('agent', { name: 'node-2' });
    const status = await diary.expect('node_status', (data) => data.status === 'online');
    assert.equal(status.message.room, 'nodes');
    const metrics = await diary.expect('node_metrics');
    assert.ok(metrics.data.metrics.ram_usage > 0);
    assert.deepEqual(other.diary.of('node_metrics'), []);
    client.leaveRoom('nodes');
    await diary.expect('room_left');
    assert.deepEqual(client.rooms, []);
});

test('refusals are told and are nobody else’s', async () => {
    const { client, diary } = await arrive();
    client.connect();
    await assert.rejects(client.joinRoom('nosuch'), { name: 'Refusal', code: 'UNKNOWN_ROOM', subject: 'nosuch' });
    await assert.rejects(client.joinRoom('analytics'), { code: 'FORBIDDEN' });
    await assert.rejects(client.joinRoom('nodes', { colour: 'red' }), { code: 'INVALID_FILTER' });
    assert.equal((await client.joinRoom('nodes')).room, 'nodes');
    assert.deepEqual(diary.of('join_refused').map((it) => it.data.room), ['nosuch', 'analytics', 'nodes']);
    assert.deepEqual(client.rooms, ['nodes']);
    // A message of the application's own that is refused concerns no room.
    client.send({ type: 'nosuch' });
    await diary.expect('error', (data) => data.code === 'UNKNOWN_TYPE');
    assert.equal(diary.of('join_refused').length, 3);
});

test('a coordinator that dies in a power cut costs a durable room nothing', async () => {
    const { client, diary } = await arrive();
    client.connect();
    const joined = await client.joinRoom('general');
    const titles = [];
    const notify = async (count) => {
        for (let number = 0; number < count; number += 1) {
            titles.push(`notice ${titles.length}`);
            await grid('notify', { title: titles.at(-1) });
        }
    };
    await notify(5);
    for (let cut = 0; cut < 3; cut += 1) {
        // One that is not back from the last cut would not notice this one.
        await diary.until(() => diary.of('resumed').length === cut, 'the return');
        await grid('kill');
        // Some before it is back, some after.
        await notify(10);
    }
    await diary.until(() => diary.of('system_notification').length >= titles.length, 'all notices');
    assert.deepEqual(diary.of('system_notification').map((it) => it.data.title), titles);
    assert.equal(offsets(diary, 'system_notification')[0], joined.offset + 1);
    assert.ok(isUnbroken(offsets(diary, 'system_notification')));
    assert.equal(diary.of('resumed').length, 3);
    assert.deepEqual(diary.of('gap'), []);
    assert.ok(diary.of('disconnected').every((it) => it.data.willReconnect));
});

test('a room that is not durable says that something is missing', async () => {
    const { client, diary } = await arrive();
    client.connect();
    await client.joinRoom('nodes');
    await diary.expect('node_metrics');
    await grid('kill');
    const gap = await diary.expect('gap');
    assert.equal(gap.data.room, 'nodes');
    assert.equal(gap.data.gap.cause, 'epoch_changed');
    diary.clear();
    await diary.expect('node_metrics');
});

test('a client that was away gets what it missed, in the next life too', async () => {
    const { client, diary } = await arrive();
    client.connect();
    await client.joinRoom('general');
    await grid('notify', { title: 'before' });
    await diary.expect('system_notification');
    const since = client.position('general');
    client.disconnect();
    assert.equal(client.state, 'closed');
    for (const title of ['one', 'two', 'three']) await grid('notify', { title });
    const next = await arrive();
    next.client.connect();
    const joined = await next.client.joinRoom('general', {}, { since });
    assert.equal(joined.recovered, true);
    await next.diary.until(() => next.diary.of('system_notification').length === 3, 'three notices');
    assert.deepEqual(next.diary.of('system_notification').map((it) => it.data.title), ['one', 'two', 'three']);
});

test('two rooms of one log come back whole, with a place for each', async () => {
    let nodes = [];
    while (nodes.filter((node) => node.status === 'online').length < 2) {
        await asked();
        ({ nodes } = await grid('nodes'));
    }
    const online = nodes.filter((node) => node.status === 'online').map((node) => node.node_id);
    const sockets = [];
    const Recording = class extends WebSocket {
        constructor(address) {
            super(address);
            sockets.push(this);
            this.said = [];
        }

        send(text) {
            this.said.push(JSON.parse(text));
            super.send(text);
        }
    };
    // Somebody looks all the time, so that all readings are logged.
    const witness = await arrive();
    witness.client.connect();
    await witness.client.joinRoom('nodes');
    const { client, diary } = await arrive({ WebSocket: Recording });
    client.connect();
    for (const id of online.slice(0, 2)) await client.joinRoom(`node:${id}`);
    const ids = (entries) => entries.map((it) => it.message.offset);
    for (let cut = 0; cut < 3; cut += 1) {
        const count = diary.of('node_metrics').length;
        await diary.until(() => diary.of('node_metrics').length >= count + 2, 'readings');
        sockets.at(-1).terminate();
        const seen = client.position(`node:${online[0]}`).offset;
        await witness.diary.expect('node_metrics', (_, it) => it.offset > seen + 2);
        await diary.until(() => diary.of('resumed').length === 2 * (cut + 1), 'both rooms');
    }
    const after = witness.diary.of('node_metrics').length + 2;
    await witness.diary.until(() => witness.diary.of('node_metrics').length >= after, 'more readings');
    const end = ids(witness.diary.of('node_metrics')).at(-1);
    await diary.expect('node_metrics', (_, it) => it.offset >= end);
    const mine = ids(diary.of('node_metrics')).sort((one, other) => one - other);
    const wanted = witness.diary.of('node_metrics')
        .filter((it) => online.slice(0, 2).includes(it.data.node_id) && it.message.offset >= mine[0]);
    assert.deepEqual(mine.filter((it) => it <= end), ids(wanted).filter((it) => it <= end));
    assert.deepEqual(diary.of('gap'), []);
    // The question by which it knew that all was there, and its withdrawal, are not the application's.
    const said = sockets.at(-1).said.map((it) => [it.type, it.data?.room, it.data?.filters?.status]);
    assert.deepEqual(said.slice(1, 5), [
        ['join_room', `node:${online[0]}`, undefined], ['join_room', `node:${online[1]}`, undefined],
        ['join_room', 'nodes', []], ['leave_room', 'nodes', undefined],
    ]);
    assert.ok(!diary.of('room_joined').some((it) => it.data.room === 'nodes'));
    assert.equal(diary.of('room_left').length, 0);
});

test('a client too slow goes with a ticket and comes back without a double', async () => {
    const sockets = [];
    const Stallable = class extends WebSocket {
        constructor(address) {
            // Compressed, the readings of many cards alike are next to nothing.
            super(address, { perMessageDeflate: false });
            sockets.push(this);
        }
    };
    // Without a heartbeat: on a busy machine the flood takes longer to fill the way than a dead peer is given.
    const { client, diary } = await arrive({ WebSocket: Stallable, heartbeatInterval: 0 });
    client.connect();
    await client.joinRoom('nodes');
    await grid('flood', { nodes: 4 });
    await diary.expect('node_metrics');
    sockets[0].pause();
    while ((await grid('log', { pattern: 'too slow' })).found.length === 0) await asked();
    sockets[0].resume();
    const down = await diary.expect('disconnected');
    assert.equal(down.data.code, 3008);
    const ticket = await diary.expect('resume_ticket');
    const back = await diary.expect('reconnecting');
    assert.ok(back.data.delayMs <= ticket.data.retry_after_ms && back.data.delayMs > ticket.data.retry_after_ms - 1000);
    const joined = await diary.expect('room_joined', (data) => data.recovered !== undefined);
    assert.ok(joined.data.offset >= ticket.data.rooms[0].offset);
    await grid('ebb');
    const all = offsets(diary, 'node_metrics');
    assert.equal(new Set(all).size, all.length, 'nothing came twice');
});

test('a coordinator that drains says when to return, and is found again', async () => {
    const { client, diary } = await arrive();
    client.connect();
    await client.joinRoom('general');
    await grid('notify', { title: 'before the drain' });
    await diary.expect('system_notification');
    await grid('drain');
    const down = await diary.expect('disconnected');
    assert.equal(down.data.code, 1001);
    const ticket = await diary.expect('resume_ticket');
    assert.equal(ticket.data.reason, 'drain');
    await diary.expect('resumed', (data) => data.room === 'general');
    assert.deepEqual(diary.of('gap'), []);
});

test('another token is told in place or by another connection, and rooms stay', async () => {
    const { client, diary } = await arrive();
    client.connect();
    await client.joinRoom('general');
    diary.clear();
    client.authenticate((await grid('token', { user: 'user-2' })).token);
    const answer = await diary.expect('auth_response');
    assert.equal(answer.data.user_id, 'user-2');
    await grid('notify', { title: 'after the change' });
    await diary.expect('system_notification', (data) => data.title === 'after the change');
    assert.deepEqual(diary.of('gap'), []);
});

test('a token that expires is replaced before it does', async () => {
    let minted = 0;
    const mint = async () => {
        minted += 1;
        return (await grid('token', { expires_in: 12 })).token;
    };
    const { client, diary } = await arrive({ refreshBefore: 10_000 }, mint);
    await client.connect();
    await diary.until(() => minted >= 3 && diary.of('auth_response').length >= 3, 'three tokens');
    assert.deepEqual(diary.of('auth_error'), []);
});

test('a token that is refused is told as such', async () => {
    const { client } = await arrive({}, 'garbage');
    await assert.rejects(within(client.connect(), 'refusal'), { name: 'Refusal', code: 'INVALID_TOKEN' });
    assert.equal(client.state, 'closed');
});
