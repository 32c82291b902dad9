/** The coordinator refused something. */
export class Refusal extends Error {
    /** As in docs/protocol.md: `UNKNOWN_ROOM`, `FORBIDDEN`, `INVALID_TOKEN`, … */
    readonly code: string;
    /** What was refused: a room. */
    readonly subject?: string;
}

/** The connection ended for good before what was asked for came. */
export class Disconnected extends Error {
    /** The WebSocket's close code; 1006 where nothing came. */
    readonly code: number;
    readonly reason: string;
}
