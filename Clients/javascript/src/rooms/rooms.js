import { Log } from './log.js';

/** How long replays may take whose end nobody tells, in milliseconds. */
const LONGEST_REPLAY_MS = 60_000;

/** The log that a room is a view of. */
export function logOf(room) {
    const colon = room.indexOf(':');
    if (colon < 0) return room;
    return room.startsWith('node:') ? 'nodes' : 'tasks';
}

/**
 * The rooms a client wants to be in, how far it has come in each, and what to ask the coordinator next to be there.
 *
 * A pure machine: it neither sends nor waits. Questions are asked one at a time, so each answer is known to be its
 * question's. Wishes outlive connections.
 */
export class Rooms {
    /** @type {Map<string, {name: string, filters: object|undefined, from: object|null, isJoined: boolean}>} */
    #rooms = new Map();
    #logs = new Map();
    #questions = [];
    #asked = null;
    #isConnected = false;

    /** @param {number} limit the most rooms at once, 0 for no limit */
    constructor(limit) {
        this.limit = limit;
    }

    /** Names of all rooms wanted. */
    get names() {
        return [...this.#rooms.keys()];
    }

    /** How many of them the coordinator has let the client into on this connection. */
    get joinedCount() {
        return [...this.#rooms.values()].filter((room) => room.isJoined).length;
    }

    /** The question that waits for its answer. */
    get asked() {
        return this.#asked;
    }

    has(name) {
        return this.#rooms.has(name);
    }

    /** Whether the client is in the room, or will be, under just this filter. */
    isWanted(name, filters) {
        const room = this.#rooms.get(name);
        return room !== undefined && JSON.stringify(room.filters) === JSON.stringify(filters);
    }

    /** The position to come back to a room with, where there is one. */
    position(name) {
        const room = this.#rooms.get(name);
        return room?.from ?? this.#logs.get(logOf(name))?.place ?? null;
    }

    /** Whether the limit leaves a place for a room. */
    hasPlaceFor(name) {
        return this.#rooms.has(name) || this.limit === 0 || this.#rooms.size < this.limit;
    }

    /** The client wants to be in a room; `since` is where it left it in an earlier life. */
    want(name, filters, since) {
        if (!this.hasPlaceFor(name)) throw new RangeError(`${name} would be more than ${this.limit} rooms`);
        const former = this.#rooms.get(name);
        // Under another filter it still goes on from where it is.
        const from = since ?? (former ? this.position(name) : null);
        this.#rooms.set(name, { name, filters, from, isJoined: former?.isJoined ?? false });
        if (!this.#isConnected) return;
        if (since && this.#others(name).length > 0) this.#log(name).settle();
        this.#questions.push({ kind: 'join', name, since });
        if (since) this.#askForTheEnd([name], this.#others(name));
    }

    /** The client has had enough of a room. `now` is in milliseconds since 1970. */
    unwant(name, now) {
        const room = this.#rooms.get(name);
        if (!room) return;
        this.#rooms.delete(name);
        this.#questions = this.#questions.filter((question) => question.name !== name);
        const mayBeIn = room.isJoined || this.#asked?.name === name;
        if (this.#isConnected && mayBeIn) this.#questions.push({ kind: 'leave', name });
        if (this.#others(name).length === 0) this.#logs.delete(logOf(name));
        // Its answer might have been the one that was to tell the replays' end.
        else this.#log(name).settleBy(now + LONGEST_REPLAY_MS);
    }

    /** A connection is authenticated: everything wanted is asked for, from where it was left. */
    connected() {
        this.#isConnected = true;
        this.#asked = null;
        this.#questions = [];
        const byLog = new Map();
        for (const room of this.#rooms.values()) {
            const log = logOf(room.name);
            byLog.set(log, [...(byLog.get(log) ?? []), room]);
        }
        for (const [log, rooms] of byLog) {
            // The whole room first: what it shows, the others need not show again.
            rooms.sort((one, other) => Number(other.name === log) - Number(one.name === log));
            for (const { name, from } of rooms) this.#questions.push({ kind: 'join', name, since: from ?? undefined });
            if (rooms.length < 2 || !rooms.some((room) => room.from)) continue;
            this.#log(log).settle();
            this.#askForTheEnd(rooms.map((room) => room.name), []);
        }
    }

    /** The connection is gone. */
    disconnected() {
        this.#isConnected = false;
        this.#asked = null;
        this.#questions = [];
        for (const room of this.#rooms.values()) {
            room.from = this.position(room.name);
            room.isJoined = false;
        }
    }

    /** The next message to send, once the former one is answered; `null` where there is nothing to ask. */
    nextQuestion() {
        if (this.#asked || !this.#isConnected) return null;
        this.#asked = this.#questions.shift() ?? null;
        return this.#asked && messageOf(this.#asked, this.#rooms.get(this.#asked.name));
    }

    /** The question was dropped on its way, and will be asked again. */
    askAgain() {
        if (this.#asked) this.#questions.unshift(this.#asked);
        this.#asked = null;
    }

    /**
     * `room_joined` came.
     *
     * @param {{room: string, epoch: number, offset: number, recovered?: boolean, gap?: object}} answer
     * @param {number} now milliseconds since 1970
     * @returns {boolean} whether it is an answer that the application has asked for
     */
    joined(answer, now) {
        const question = this.#asked?.name === answer.room ? this.#asked : null;
        if (question) this.#asked = null;
        const log = this.#log(answer.room);
        if (question?.kind === 'end') {
            log.replaysEnded();
            this.#questions.unshift({ kind: 'leave', name: answer.room, isOwn: true });
            return false;
        }
        const room = this.#rooms.get(answer.room);
        if (!room) return true;
        room.isJoined = true;
        const position = { epoch: answer.epoch, offset: answer.offset };
        const hasGap = answer.recovered === false;
        const isOtherEpoch = log.place?.epoch !== position.epoch;
        if (isOtherEpoch && answer.recovered) log.goOnAt(position);
        else if (isOtherEpoch || (hasGap && !log.isSettling)) log.moveTo(position);
        // A room joined for the first time, or behind a gap, begins where the coordinator says.
        if (room.from?.epoch !== position.epoch || hasGap) room.from = position;
        if (question?.isLast) log.replaysEnded();
        if (question?.isUnbounded) log.settleBy(now + LONGEST_REPLAY_MS);
        return true;
    }

    /** `room_left` came. Returns whether the application has asked for it. */
    left(name) {
        const question = this.#asked?.name === name && this.#asked.kind === 'leave' ? this.#asked : null;
        if (question) this.#asked = null;
        return !question?.isOwn;
    }

    /**
     * The question was refused. A room that is refused is not wanted any more.
     *
     * @returns {{kind: string, name: string} | null} the question
     */
    refused(now) {
        const question = this.#asked;
        this.#asked = null;
        if (question?.kind === 'join') this.#rooms.delete(question.name);
        if (question?.kind === 'end') this.#log(question.name).settleBy(now + LONGEST_REPLAY_MS);
        return question;
    }

    /** An event came. Returns whether it is a new one. */
    take(event, now) {
        const log = this.#log(event.room);
        const isNew = log.take({ epoch: event.epoch, offset: event.offset }, now);
        if (isNew && !log.isSettling) this.#caughtUp(event.room, log.place);
        return isNew;
    }

    /** The coordinator's ticket says where the client is, in all rooms that it is in. */
    ticket(places) {
        for (const { room, epoch, offset } of places) {
            this.#log(room).moveTo({ epoch, offset });
            this.#caughtUp(room, { epoch, offset });
        }
    }

    #caughtUp(log, place) {
        for (const room of this.#rooms.values()) {
            if (!room.isJoined || room.from === null || logOf(room.name) !== log) continue;
            if (room.from.epoch !== place.epoch || room.from.offset <= place.offset) room.from = null;
        }
    }

    #log(room) {
        const name = logOf(room);
        if (!this.#logs.has(name)) this.#logs.set(name, new Log());
        return this.#logs.get(name);
    }

    /** Other rooms of the same log. */
    #others(name) {
        return [...this.#rooms.values()].filter((room) => room.name !== name && logOf(room.name) === logOf(name));
    }

    /**
     * After several joins that resume, something has to tell when the last replay is over. The coordinator answers
     * one resuming join of a log after the other, so the answer to a further one, that asks for no event, says it.
     * Where the whole room is among them without a filter, the others replay nothing and the last answer will do.
     */
    #askForTheEnd(names, live) {
        const log = logOf(names[0]);
        const whole = this.#rooms.get(log);
        const last = this.#questions.at(-1);
        if (names.length + live.length < 2) return;
        if (whole && names[0] === log && names.length > 1 && isEmpty(whole.filters)) last.isLast = true;
        else if (whole || (this.limit > 0 && this.#rooms.size >= this.limit)) last.isUnbounded = true;
        else {
            const since = names.map((name) => this.position(name)).find(Boolean);
            this.#questions.push({ kind: 'end', name: log, since });
        }
    }
}

const isEmpty = (filters) => filters === undefined || Object.keys(filters).length === 0;

function messageOf(question, room) {
    const data = { room: question.name };
    if (question.kind === 'leave') return { type: 'leave_room', data };
    if (question.kind === 'end') data.filters = { status: [] };
    else if (!isEmpty(room?.filters)) data.filters = room.filters;
    if (question.since) data.since = { epoch: question.since.epoch, offset: question.since.offset };
    return { type: 'join_room', data };
}
