/** The coordinator refused something. */
export class Refusal extends Error {
    /**
     * @param {{code: string, message: string}} data as it stands in the message
     * @param {string} [subject] what was refused: a room
     */
    constructor(data, subject) {
        super(subject ? `${subject}: ${data.message} (${data.code})` : `${data.message} (${data.code})`);
        this.name = 'Refusal';
        this.code = data.code;
        this.subject = subject;
    }
}

/** The connection ended for good before what was asked for came. */
export class Disconnected extends Error {
    /** @param {{code: number, reason: string}} ending */
    constructor({ code, reason }) {
        super(`disconnected: ${code}${reason ? ` ${reason}` : ''}`);
        this.name = 'Disconnected';
        this.code = code;
        this.reason = reason;
    }
}

/** A promise with its ends outside. Nobody has to look at it: what is ignored is no unhandled rejection. */
export function promised() {
    const ends = {};
    ends.promise = new Promise((resolve, reject) => Object.assign(ends, { resolve, reject }));
    ends.promise.catch(() => {});
    return ends;
}
