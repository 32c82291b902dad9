// Coming back, waiting, pacing, keeping: everything about one connection, on a clock that is moved by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NeuroGridWebSocket } from '@neurogrid/client';
import { HandClock, scriptedSockets, settled } from './support.mjs';

const AUTHENTICATED = { type: 'auth_response', success: true, data: { user_id: 'u', success: true } };
const CONNECTED = { type: 'connected', data: { server_time: '2023-11-14T22:13:20.000Z' } };

async function setting(options = {}, token = 'token') {
    const clock = new HandClock();
    const WebSocket = scriptedSockets();
    const client = new NeuroGridWebSocket('ws://peer/ws', token, {
        clock, WebSocket, random: () => 0.5, heartbeatInterval: 0, ...options,
    });
    const told = [];
    client.on('*', (data, _, type) => told.push({ type, data }));
    const last = () => WebSocket.made.at(-1);
    const of = (type) => told.filter((entry) => entry.type === type).map((entry) => entry.data);
    const accept = async () => {
        last().open();
        await settled();
        last().say(AUTHENTICATED);
        last().say(CONNECTED);
    };
    client.connect();
    await clock.move(0);
    return { clock, client, WebSocket, last, of, accept };
}

test('waits double up to the cap and are shortened at random', async () => {
    const { clock, last, of } = await setting({ maxReconnectDelay: 5000, connectionsPerMinute: 0 });
    for (let attempt = 0; attempt < 5; attempt += 1) {
        last().end();
        await clock.move(of('reconnecting').at(-1).delayMs);
    }
    assert.deepEqual(of('reconnecting').map((it) => it.delayMs), [500, 1000, 2000, 2500, 2500]);
    assert.deepEqual(of('reconnecting').map((it) => it.attempt), [1, 2, 3, 4, 5]);
});

test('gives up after so many attempts, and connects anew when told', async () => {
    const { clock, client, last, of, WebSocket } = await setting({ maxReconnectAttempts: 3, connectionsPerMinute: 0 });
    const outcome = client.connect();
    for (let attempt = 0; attempt < 4; attempt += 1) {
        last().end();
        await clock.move(60_000);
    }
    await assert.rejects(outcome, { name: 'Disconnected', code: 1006 });
    assert.equal(WebSocket.made.length, 4);
    assert.equal(of('gave_up').length, 1);
    assert.equal(client.state, 'closed');
    client.connect();
    await clock.move(0);
    assert.equal(WebSocket.made.length, 5);
});

test('a success makes the next failure the first again', async () => {
    const { clock, last, of, accept } = await setting();
    last().end();
    await clock.move(500);
    last().end();
    await clock.move(1000);
    await accept();
    last().end(1011);
    assert.equal(of('reconnecting').at(-1).delayMs, 500);
});

test('no more connections in a minute than allowed', async () => {
    const { clock, last, WebSocket } = await setting({ connectionsPerMinute: 8, random: () => 0 });
    for (let attempt = 0; attempt < 20; attempt += 1) {
        last().end();
        await clock.move(0);
    }
    assert.equal(WebSocket.made.length, 8);
    await clock.move(59_999);
    assert.equal(WebSocket.made.length, 8);
    await clock.move(1);
    assert.equal(WebSocket.made.length, 9);
});

test("the coordinator's own delay counts: of a ticket, of a drain, of HTTP", async () => {
    const { clock, last, of, accept } = await setting();
    await accept();
    last().say({ type: 'resume_ticket', data: { reason: 'slow', retry_after_ms: 1875, rooms: [] } });
    last().end(3008);
    assert.equal(of('reconnecting').at(-1).delayMs, 1875);
    await clock.move(1875);
    await accept();
    last().say({ type: 'error', data: { code: 'CONNECTION_FAILED', message: 'drain', retry_in: 3120 } });
    last().end(1001);
    assert.equal(of('reconnecting').at(-1).delayMs, 3120);
    await clock.move(3120);
    last().refuse(429, { 'retry-after': '7' });
    assert.equal(of('reconnecting').at(-1).delayMs, 7000);
    assert.deepEqual(of('disconnected').map((it) => it.reason).at(-1), 'HTTP 429');
});

test('close codes that ask not to come back are kept', async () => {
    for (const code of [3500, 3501, 3999]) {
        const { last, accept, client, of } = await setting();
        await accept();
        last().end(code);
        assert.equal(client.state, 'closed', `${code}`);
        assert.equal(of('gave_up').length, 1);
    }
    for (const code of [1001, 1006, 1008, 1011, 1012, 1013, 3000, 3008, 3012, 3499]) {
        const { last, accept, client } = await setting();
        await accept();
        last().end(code);
        assert.equal(client.state, 'waiting', `${code}`);
    }
});

test('a connection that does not open in time is given up', async () => {
    const { clock, last, client } = await setting({ openTimeout: 4000 });
    await clock.move(3999);
    assert.equal(client.state, 'connecting');
    await clock.move(1);
    assert.equal(client.state, 'waiting');
    assert.equal(last().closedWith, 1006);
});

test('messages wait for a connection, the oldest giving way', async () => {
    const { client, last, of, accept } = await setting({ queueLimit: 3 });
    for (let number = 0; number < 5; number += 1) client.send({ type: 'ping', data: { number } });
    assert.equal(client.queued, 3);
    assert.deepEqual(of('queue_overflow').map((it) => it.data.number), [0, 1]);
    await accept();
    const pings = last().sent.filter((message) => message.type === 'ping');
    assert.deepEqual(pings.map((it) => it.data.number), [2, 3, 4]);
    assert.equal(last().sent[0].type, 'authenticate');
});

test('no more messages in a minute than allowed, the rest after it', async () => {
    const { clock, client, last, accept } = await setting({ messagesPerMinute: 90, queueLimit: 500 });
    await accept();
    for (let number = 0; number < 300; number += 1) client.send({ type: 'ping', data: { number } });
    assert.equal(last().sent.length, 75, 'the rest is for rooms and tokens');
    for (let number = 0; number < 9; number += 1) client.joinRoom(`node:${number}`);
    for (let number = 0; number < 9; number += 1) {
        last().say({ type: 'room_joined', data: { room: `node:${number}`, epoch: 1, offset: 0 } });
    }
    assert.equal(last().sent.length, 84);
    await clock.move(59_999);
    assert.equal(last().sent.length, 84);
    await clock.move(1);
    assert.equal(last().sent.length, 159);
    await clock.move(240_000);
    const pings = last().sent.filter((it) => it.type === 'ping');
    assert.deepEqual(pings.map((it) => it.data.number), [...Array(300).keys()]);
});

test('a minute is a connection’s own, and so are the questions that wait', async () => {
    const { clock, client, last, accept } = await setting({ messagesPerMinute: 12, queueLimit: 500 });
    await accept();
    for (const room of ['nodes', 'general']) client.joinRoom(room);
    for (let number = 0; number < 30; number += 1) client.send({ type: 'ping', data: { number } });
    assert.equal(last().sent.length, 10);
    last().say({
        type: 'rate_limit_exceeded',
        data: { limit: 100, remaining: 0, reset_time: new Date(clock.now() + 50_000).toISOString() },
    });
    client.leaveRoom('general');
    last().end();
    await clock.move(500);
    await accept();
    assert.deepEqual(last().sent.slice(0, 2).map((it) => [it.type, it.data.room]), [
        ['authenticate', undefined], ['join_room', 'nodes'],
    ]);
    assert.equal(last().sent.length, 10);
    assert.ok(!last().sent.slice(2).some((it) => it.type !== 'ping'));
});

test('a limit that was passed nevertheless is waited out, and the question asked again', async () => {
    const { clock, client, last, accept } = await setting();
    await accept();
    client.joinRoom('nodes');
    last().say({
        type: 'rate_limit_exceeded',
        data: { limit: 100, remaining: 0, reset_time: new Date(clock.now() + 5000).toISOString() },
    });
    await clock.move(4999);
    assert.equal(last().sent.filter((it) => it.type === 'join_room').length, 1);
    await clock.move(1);
    assert.equal(last().sent.filter((it) => it.type === 'join_room').length, 2);
});

test('silence is questioned, and a dead connection replaced', async () => {
    const { clock, client, last, accept, WebSocket } = await setting({
        heartbeatInterval: 25_000, heartbeatTimeout: 10_000,
    });
    await accept();
    await clock.move(20_000);
    last().say({ type: 'pong', data: {} });
    await clock.move(24_999);
    assert.ok(!last().sent.some((it) => it.type === 'ping'), 'what came is a sign of life');
    await clock.move(1);
    assert.equal(last().sent.at(-1).type, 'ping');
    last().say({ type: 'pong', data: {} });
    await clock.move(25_000);
    assert.equal(last().sent.filter((it) => it.type === 'ping').length, 2);
    await clock.move(9_999);
    assert.equal(client.state, 'open');
    await clock.move(1);
    assert.equal(client.state, 'waiting');
    await clock.move(1000);
    assert.equal(WebSocket.made.length, 2);
});

test('a handler that throws hinders nobody', async () => {
    const { client, last, accept, of } = await setting();
    let heard = 0;
    client.on('connected', () => {
        throw new Error('mine');
    });
    client.on('connected', () => (heard += 1));
    await accept();
    assert.equal(heard, 1);
    assert.equal(of('handler_error')[0].error.message, 'mine');
    last().onmessage({ data: 'no JSON' });
    last().onmessage({ data: '[1]' });
    assert.deepEqual(of('garbage'), ['no JSON', '[1]']);
    assert.equal(client.state, 'open');
});

test('a token is replaced in place before it expires, or by another connection', async () => {
    let minted = 0;
    const clock = { now: () => 0 };
    const mint = () => {
        minted += 1;
        const claims = { exp: clock.now() / 1000 + 100, minted };
        return `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
    };
    const made = await setting({ refreshBefore: 30_000 }, mint);
    clock.now = () => made.clock.now();
    minted = 0;
    await made.accept();
    assert.equal(minted, 1);
    await made.clock.move(70_000);
    assert.equal(minted, 2);
    made.last().say(AUTHENTICATED);
    assert.equal(made.WebSocket.made.length, 1, 'in place');
    await made.clock.move(70_000);
    made.last().say({ type: 'error', data: { code: 'ALREADY_AUTHENTICATED', message: 'once' } });
    await made.clock.move(0);
    assert.equal(made.WebSocket.made.length, 2, 'by another connection, at once');
    assert.equal(made.of('join_refused').length, 0);
    await made.accept();
    assert.equal(minted, 4);
    assert.ok(made.client.isReady);
});

test('a fixed token that is refused ends it, until there is another', async () => {
    const { clock, client, last, of, WebSocket, accept } = await setting();
    last().open();
    await settled();
    const refusal = { code: 'INVALID_TOKEN', message: 'no', action: 'redirect_to_login' };
    const outcome = client.connect();
    last().say({ type: 'auth_error', data: refusal });
    await assert.rejects(outcome, { name: 'Refusal', code: 'INVALID_TOKEN' });
    assert.equal(client.state, 'closed');
    assert.equal(of('gave_up')[0].error.code, 'INVALID_TOKEN');
    await clock.move(100_000);
    assert.equal(WebSocket.made.length, 1);
    client.authenticate('better');
    await clock.move(0);
    await accept();
    assert.equal(last().sent[0].data.token, 'better');
});

test('a better token may be told by the handler of the refusal', async () => {
    const { client, last } = await setting();
    client.on('auth_error', () => client.authenticate('better'));
    last().open();
    await settled();
    last().say({ type: 'auth_error', data: { code: 'INVALID_TOKEN', message: 'no' } });
    await settled();
    assert.deepEqual(last().sent.map((it) => it.data.token), ['token', 'better']);
    assert.equal(client.state, 'open');
});

test('without any WebSocket it says so', () => {
    const platform = globalThis.WebSocket;
    delete globalThis.WebSocket;
    assert.throws(() => new NeuroGridWebSocket('ws://peer', 'token'), /no WebSocket/);
    if (platform) globalThis.WebSocket = platform;
});
