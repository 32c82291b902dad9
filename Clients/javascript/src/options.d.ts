/** A JSON Web Token, or something that gets one: asked again whenever one is refused or about to expire. */
export type TokenSource = string | (() => string | Promise<string>);

/** Anything that works like a browser's WebSocket: the platform's own, or node-ws's. */
export type WebSocketConstructor = new (url: string) => object;

/** Time as the client sees it. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Runs an action later; returns its undoing. */
    after(milliseconds: number, action: () => void): () => void;
}

/** What all clients can be told. Times are in milliseconds; 0 in a limit is none. */
export interface LinkOptions {
    /** Needed where `globalThis.WebSocket` is missing, as in node before 22. */
    WebSocket?: WebSocketConstructor;
    /** The longest first wait before coming back (1000); each further one doubles, and is shortened at random. */
    reconnectDelay?: number;
    /** The longest wait of all. */
    maxReconnectDelay?: number;
    /** Failed attempts in a row after which it gives up. */
    maxReconnectAttempts?: number;
    /** Attempts in any minute (8; the coordinator takes 10). */
    connectionsPerMinute?: number;
    /** Application messages that wait for a connection (100). */
    queueLimit?: number;
    /** Between two questions for a sign of life; 0 for none. */
    heartbeatInterval?: number;
    /** How long the answer may take (10 000). */
    heartbeatTimeout?: number;
    /** How long a connection may take to open (10 000). */
    openTimeout?: number;
    /** For tests. */
    clock?: Clock;
    /** For tests: uniform in [0, 1). */
    random?: () => number;
}

/** Takes a handler away again. */
export type Off = () => void;

export type LinkState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

/** What every client tells of its connection, beside what comes over it. */
export interface LinkEvents<Message> {
    disconnected: { code: number; reason: string; willReconnect: boolean };
    reconnecting: { attempt: number; delayMs: number };
    /** There will be no further attempt until `connect()`. */
    gave_up: { error: Error };
    /** A message that found no room in the queue any more. */
    queue_overflow: Message;
    /** What came and was no JSON object. */
    garbage: unknown;
    /** A handler threw. */
    handler_error: { type: string; error: unknown };
}
