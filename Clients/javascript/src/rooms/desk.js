import { promised, Refusal } from '../errors.js';

/** Codes that answer a question about a room. */
const REFUSALS = new Set(['UNKNOWN_ROOM', 'INVALID_FILTER', 'FORBIDDEN', 'NOT_IN_ROOM', 'INVALID_MESSAGE']);

/**
 * Where the application's wishes about rooms meet the coordinator's answers: asks what `Rooms` wants asked, and
 * settles what was promised.
 */
export class RoomDesk {
    #promises = new Map();

    /**
     * @param {object} options
     * @param {import('./rooms.js').Rooms} options.rooms
     * @param {import('../core/clock.js').Clock} options.clock
     * @param {(message: object) => void} options.ask sends one of the protocol's own messages
     * @param {(type: string, data: unknown) => void} options.emit
     */
    constructor({ rooms, clock, ask, emit }) {
        Object.assign(this, { rooms, clock, ask, emit });
    }

    /** See `NeuroGridWebSocket.joinRoom`. */
    join(room, filters, since) {
        if (filters && Object.keys(filters).length === 0) filters = undefined;
        // Applications join in their handler of `auth_response`, that is again on every return.
        const isAsBefore = since === undefined && this.rooms.isWanted(room, filters);
        if (!isAsBefore) {
            if (!this.rooms.hasPlaceFor(room)) return this.#refuse(room);
            this.rooms.want(room, filters, since);
            this.#promises.get(room)?.reject(new Error(`${room} was joined otherwise`));
        }
        if (!isAsBefore || !this.#promises.has(room)) this.#promises.set(room, promised());
        this.#next();
        return this.#promises.get(room).promise;
    }

    /** See `NeuroGridWebSocket.leaveRoom`. */
    leave(room) {
        this.rooms.unwant(room, this.clock.now());
        this.#settle(room, (ends) => ends.reject(new Error(`${room} was left`)));
        this.#next();
    }

    /** A connection is authenticated. */
    connected() {
        this.rooms.connected();
        this.#next();
    }

    /** `room_joined` came. Returns whether it is the application's. */
    joined(data) {
        const isOurs = this.rooms.joined(data, this.clock.now());
        if (isOurs && this.rooms.has(data.room)) {
            this.#promises.get(data.room)?.resolve(data);
            const { room, epoch, offset, recovered, gap } = data;
            if (recovered === true) this.emit('resumed', { room, epoch, offset });
            if (recovered === false) this.emit('gap', { room, gap });
        }
        this.#next();
        return isOurs;
    }

    /** `room_left` came. Returns whether it is the application's. */
    left(data) {
        const isOurs = this.rooms.left(data.room);
        this.#next();
        return isOurs;
    }

    /** An event came. Returns whether it is a new one. */
    take(event) {
        return this.rooms.take(event, this.clock.now());
    }

    /** Whether `rate_limit_exceeded` is about the number of rooms, not of messages. */
    isRoomLimit({ limit }) {
        const kind = this.rooms.asked?.kind;
        return kind !== undefined && kind !== 'leave' && this.rooms.joinedCount >= limit;
    }

    /** Something was refused: the question that waits, unless the code is about something else. */
    refused(data) {
        if (!REFUSALS.has(data.code) && !this.isRoomLimit(data)) return;
        const question = this.rooms.refused(this.clock.now());
        if (question?.kind === 'join') {
            this.#settle(question.name, (ends) => ends.reject(new Refusal(data, question.name)));
            this.emit('join_refused', { room: question.name, code: data.code, message: data.message });
        }
        this.#next();
    }

    /** A limit has dropped a message. */
    askAgain() {
        this.rooms.askAgain();
        this.#next();
    }

    /** There will be no further connection: nobody will be let in any more. */
    closed(error) {
        for (const ends of this.#promises.values()) ends.reject(error);
        this.#promises.clear();
    }

    #next() {
        const message = this.rooms.nextQuestion();
        if (message) this.ask(message);
    }

    #refuse(room) {
        const code = 'TOO_MANY_REQUESTS';
        const message = `a connection may be in ${this.rooms.limit} rooms; leave one first`;
        const ends = promised();
        ends.reject(new Refusal({ code, message }, room));
        this.emit('join_refused', { room, code, message });
        return ends.promise;
    }

    #settle(room, end) {
        const ends = this.#promises.get(room);
        this.#promises.delete(room);
        if (ends) end(ends);
    }
}
