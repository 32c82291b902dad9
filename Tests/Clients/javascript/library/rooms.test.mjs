// What is asked of the coordinator when a client comes back to its rooms, and what it takes for new.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rooms } from '../node_modules/@neurogrid/client/src/rooms/rooms.js';

const EPOCH = 7;
const at = (offset, epoch = EPOCH) => ({ epoch, offset });

/** Asks everything there is to ask, answering each join at `offset`. Returns the messages. */
function askAll(rooms, offset = 0, more = {}) {
    const asked = [];
    for (let message = rooms.nextQuestion(); message; message = rooms.nextQuestion()) {
        asked.push(message);
        if (message.type === 'leave_room') rooms.left(message.data.room);
        else {
            const { room, since } = message.data;
            rooms.joined({ room, ...at(since?.offset ?? offset), ...(since && { recovered: true, ...more }) }, 0);
        }
    }
    return asked;
}

const joins = (messages) => messages.map(({ type, data }) => [type.slice(0, 4), data.room, data.since?.offset]);
const event = (offset, room = 'nodes', epoch = EPOCH) => ({ room, epoch, offset });

test('one room comes back with its last event', () => {
    const rooms = new Rooms(10);
    rooms.want('nodes', { regions: ['eu'] });
    rooms.connected();
    assert.deepEqual(askAll(rooms, 41), [{ type: 'join_room', data: { room: 'nodes', filters: { regions: ['eu'] } } }]);
    assert.deepEqual(rooms.position('nodes'), at(41));
    assert.ok(rooms.take(event(42), 0));
    assert.ok(rooms.take(event(50), 0));
    rooms.disconnected();
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms)), [['join', 'nodes', 50]]);
});

test('a replay that breaks off is taken up where it broke off', () => {
    const rooms = new Rooms(10);
    rooms.want('tasks');
    rooms.connected();
    askAll(rooms, 10);
    rooms.disconnected();
    rooms.connected();
    askAll(rooms);
    rooms.take(event(11, 'tasks'), 0);
    rooms.take(event(12, 'tasks'), 0);
    rooms.disconnected();
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms)), [['join', 'tasks', 12]]);
});

test('several rooms of one log are asked for one by one, with a question that tells when all are there', () => {
    const rooms = new Rooms(10);
    rooms.want('task:a');
    rooms.want('task:b');
    rooms.want('nodes');
    rooms.connected();
    askAll(rooms, 10);
    rooms.disconnected();
    rooms.connected();
    const asked = askAll(rooms);
    assert.deepEqual(joins(asked), [
        ['join', 'task:a', 10], ['join', 'task:b', 10], ['join', 'tasks', 10], ['leav', 'tasks', undefined],
        ['join', 'nodes', 10],
    ]);
    assert.deepEqual(asked[2].data.filters, { status: [] });
});

test('where the replays of several rooms break off, nothing is lost and nothing told twice', () => {
    const rooms = new Rooms(10);
    rooms.want('task:a');
    rooms.want('task:b');
    rooms.connected();
    askAll(rooms, 10);
    rooms.disconnected();
    rooms.connected();
    // a is replayed to 30 and live at 40 while b has come to 12.
    rooms.nextQuestion();
    rooms.joined({ room: 'task:a', ...at(10), recovered: true }, 0);
    rooms.take(event(30, 'tasks'), 0);
    rooms.nextQuestion();
    rooms.joined({ room: 'task:b', ...at(10), recovered: true }, 0);
    rooms.take(event(40, 'tasks'), 0);
    rooms.take(event(12, 'tasks'), 0);
    rooms.disconnected();
    rooms.connected();
    const asked = joins(askAll(rooms));
    assert.deepEqual(asked.slice(0, 2), [['join', 'task:a', 10], ['join', 'task:b', 10]]);
    assert.deepEqual([30, 40, 12, 13, 41].map((offset) => rooms.take(event(offset, 'tasks'), 0)), [
        false, false, false, true, true,
    ]);
    // The end was told, and 41 is a live event: from here on one place is enough.
    rooms.disconnected();
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms)).slice(0, 2), [['join', 'task:a', 41], ['join', 'task:b', 41]]);
});

test('a live event that a replayed one has overtaken does not end the settling', () => {
    const rooms = new Rooms(10);
    rooms.want('task:a');
    rooms.want('task:b');
    rooms.connected();
    askAll(rooms, 10);
    rooms.disconnected();
    rooms.connected();
    askAll(rooms);
    // The end was told, but the next to come was only on its way longer.
    const settled = (offset) => {
        rooms.take(event(offset, 'tasks'), 0);
        return rooms.position('task:b').offset !== 10;
    };
    assert.deepEqual([settled(20), rooms.position('task:b').offset], [true, 20]);
    rooms.disconnected();
    rooms.connected();
    rooms.nextQuestion();
    rooms.joined({ room: 'task:a', ...at(20), recovered: true }, 0);
    rooms.take(event(40, 'tasks'), 0);
    askAll(rooms);
    rooms.take(event(35, 'tasks'), 0);
    assert.equal(rooms.position('task:b').offset, 20);
    rooms.take(event(41, 'tasks'), 0);
    assert.equal(rooms.position('task:b').offset, 41);
});

test('the whole room comes first, and its word does for all', () => {
    const rooms = new Rooms(10);
    rooms.want('node:x');
    rooms.want('nodes');
    rooms.connected();
    askAll(rooms, 5);
    rooms.disconnected();
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms)), [['join', 'nodes', 5], ['join', 'node:x', 5]]);
    rooms.take(event(6), 0);
    rooms.disconnected();
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms)), [['join', 'nodes', 6], ['join', 'node:x', 6]]);
});

test('without a room to ask by, a minute has to do', () => {
    const rooms = new Rooms(2);
    rooms.want('task:a');
    rooms.want('task:b');
    rooms.connected();
    askAll(rooms, 10);
    rooms.disconnected();
    rooms.connected();
    assert.equal(askAll(rooms).length, 2);
    rooms.take(event(20, 'tasks'), 59_999);
    assert.deepEqual(rooms.position('task:b'), at(10));
    rooms.take(event(21, 'tasks'), 60_000);
    assert.deepEqual(rooms.position('task:b'), at(21));
});

test('a gap moves the place, another epoch too', () => {
    const rooms = new Rooms(10);
    rooms.want('nodes');
    rooms.connected();
    askAll(rooms, 10);
    rooms.disconnected();
    rooms.connected();
    rooms.nextQuestion();
    rooms.joined({ room: 'nodes', ...at(3, 8), recovered: false, gap: { cause: 'epoch_changed' } }, 0);
    assert.deepEqual(rooms.position('nodes'), at(3, 8));
    assert.ok(rooms.take(event(4, 'nodes', 8), 0));
    assert.deepEqual(rooms.position('nodes'), at(4, 8));
});

test('rooms of a log that goes on under another epoch are told nothing twice and lose nothing', () => {
    const rooms = new Rooms(10);
    // Both are asked for and answered; that the replays have ended is not said yet.
    const back = (epoch, offset) => {
        rooms.disconnected();
        rooms.connected();
        const asked = [];
        for (const room of ['task:a', 'job:b']) {
            asked.push(rooms.nextQuestion());
            rooms.joined({ room, ...at(offset, epoch), recovered: true }, 0);
        }
        return joins(asked);
    };
    rooms.want('task:a');
    rooms.want('job:b');
    rooms.connected();
    askAll(rooms, 10);
    rooms.take(event(17, 'tasks'), 0);
    // The coordinator has crashed; of what it told, the disk has the events up to 15.
    assert.deepEqual(back(8, 15), [['join', 'task:a', 17], ['join', 'job:b', 17]]);
    assert.ok(rooms.take(event(900, 'tasks', 8), 0), 'a live event of the first room');
    assert.ok(rooms.take(event(16, 'tasks', 8), 0), 'the second one is replayed');
    // Broken in the middle: everything is asked for again, and what came is known.
    assert.deepEqual(back(8, 15), [['join', 'task:a', 15], ['join', 'job:b', 15]]);
    assert.ok(!rooms.take(event(16, 'tasks', 8), 0));
    assert.ok(rooms.take(event(17, 'tasks', 8), 0));
    assert.ok(!rooms.take(event(900, 'tasks', 8), 0));
    assert.equal(rooms.nextQuestion().data.room, 'tasks');
    rooms.joined({ room: 'tasks', ...at(15, 8), recovered: true }, 0);
    assert.ok(rooms.take(event(901, 'tasks', 8), 0));
    assert.deepEqual(back(8, 901), [['join', 'task:a', 901], ['join', 'job:b', 901]]);
});

test('a ticket names the place of the rooms that the client is in', () => {
    const rooms = new Rooms(10);
    rooms.want('node:x');
    rooms.want('node:y');
    rooms.connected();
    askAll(rooms, 10);
    rooms.take(event(20), 0);
    rooms.ticket([{ room: 'nodes', ...at(33) }]);
    rooms.disconnected();
    rooms.connected();
    const [first] = joins(askAll(rooms));
    assert.deepEqual(first, ['join', 'node:x', 33]);
});

test('a ticket says nothing of rooms that were not joined again yet', () => {
    const rooms = new Rooms(10);
    rooms.want('node:x');
    rooms.want('node:y');
    rooms.connected();
    askAll(rooms, 10);
    rooms.disconnected();
    rooms.connected();
    rooms.nextQuestion();
    rooms.joined({ room: 'node:x', ...at(10), recovered: true }, 0);
    rooms.ticket([{ room: 'nodes', ...at(33) }]);
    rooms.disconnected();
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms)).slice(0, 2), [['join', 'node:x', 33], ['join', 'node:y', 10]]);
});

test('a room wanted while nobody is there begins with the connection', () => {
    const rooms = new Rooms(10);
    rooms.want('nodes');
    rooms.connected();
    askAll(rooms, 10);
    rooms.disconnected();
    rooms.want('node:x');
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms, 50)), [['join', 'nodes', 10], ['join', 'node:x', undefined]]);
});

test('a room joined later does not ask for what was before', () => {
    const rooms = new Rooms(10);
    rooms.want('node:x');
    rooms.connected();
    askAll(rooms, 10);
    rooms.want('node:y');
    askAll(rooms, 90);
    rooms.disconnected();
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms)).slice(0, 2), [['join', 'node:x', 10], ['join', 'node:y', 90]]);
});

test('what is refused is not asked for again; what was dropped is', () => {
    const rooms = new Rooms(10);
    rooms.want('nosuch');
    rooms.want('nodes');
    rooms.connected();
    assert.equal(rooms.nextQuestion().data.room, 'nosuch');
    assert.equal(rooms.nextQuestion(), null, 'one at a time');
    assert.deepEqual(rooms.refused(0), { kind: 'join', name: 'nosuch', since: undefined });
    assert.equal(rooms.nextQuestion().data.room, 'nodes');
    rooms.askAgain();
    assert.equal(rooms.nextQuestion().data.room, 'nodes');
    assert.deepEqual(rooms.names, ['nodes']);
});

test('an earlier life may say where it was, and there is a most of rooms', () => {
    const rooms = new Rooms(1);
    rooms.want('general', undefined, at(5));
    rooms.connected();
    assert.deepEqual(joins(askAll(rooms)), [['join', 'general', 5]]);
    assert.ok(!rooms.hasPlaceFor('nodes'));
    assert.throws(() => rooms.want('nodes'), RangeError);
    rooms.unwant('general', 0);
    assert.deepEqual(joins(askAll(rooms)), [['leav', 'general', undefined]]);
    assert.ok(rooms.hasPlaceFor('nodes'));
});
