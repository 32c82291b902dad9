import type { ClientMessage, Filters, NeuroGridEvents, Position, RoomJoined } from './events.js';
import type { Connected, Message } from './events.js';
import type { LinkOptions, LinkState, Off, TokenSource } from './options.js';

export interface NeuroGridOptions extends LinkOptions {
    /** Rooms at once (10, the coordinator's own limit). */
    maxRooms?: number;
    /** Messages in any minute of a connection (90; the coordinator takes 100). */
    messagesPerMinute?: number;
    /** How long before its end a token is replaced, where a function gets tokens, in milliseconds (30 000). */
    refreshBefore?: number;
}

export interface JoinOptions {
    /** Where an earlier life of the application left the room. */
    since?: Position;
}

/** A client of the coordinator's native protocol. */
export class NeuroGridWebSocket {
    constructor(url: string, token: TokenSource, options?: NeuroGridOptions);
    url: string;
    readonly state: LinkState;
    readonly isReady: boolean;
    readonly reconnectAttempts: number;
    readonly rooms: string[];
    readonly queued: number;
    position(room: string): Position | null;
    on<Type extends keyof NeuroGridEvents>(
        type: Type, handler: (data: NeuroGridEvents[Type], message: Message<Type>) => void): Off;
    on(type: '*', handler: (data: unknown, message: unknown, type: string) => void): Off;
    once<Type extends keyof NeuroGridEvents>(
        type: Type, handler: (data: NeuroGridEvents[Type], message: Message<Type>) => void): Off;
    off<Type extends keyof NeuroGridEvents>(
        type: Type, handler: (data: NeuroGridEvents[Type], message: Message<Type>) => void): void;
    connect(): Promise<Connected>;
    disconnect(): void;
    authenticate(token?: TokenSource): void;
    joinRoom(room: string, filters?: Filters, options?: JoinOptions): Promise<RoomJoined>;
    leaveRoom(room: string): void;
    send(message: ClientMessage): void;
}
