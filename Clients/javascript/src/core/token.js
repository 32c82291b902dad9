/**
 * A JSON Web Token, or something that gets one: asked again whenever one is refused or about to expire.
 *
 * @typedef {string | (() => string | Promise<string>)} TokenSource
 */

/** The token of a source. */
export async function currentToken(source) {
    return typeof source === 'function' ? source() : source;
}

/**
 * When a token expires, in milliseconds since 1970; `null` where it does not say so legibly. Nothing is verified here:
 * the coordinator does that.
 */
export function expiryOf(token) {
    try {
        const claims = String(token).split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
        const { exp } = JSON.parse(atob(claims));
        return typeof exp === 'number' ? exp * 1000 : null;
    } catch {
        return null;
    }
}
