// Opens what the coordinator encrypted for a user's key: docs/encryption.md. Runs in browsers and in node 18 and newer.
//
//     node docs/examples/decrypt.mjs PRIVATE_KEY.json MESSAGE...

const { subtle } = globalThis.crypto ?? (await import("node:crypto")).webcrypto;

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
const utf8 = (text) => new TextEncoder().encode(text);

/** The value that stood in a field before it was encrypted, for the private key as a JWK. */
export async function decrypt(message, privateKey) {
  const [header, wrapped, nonce, ciphertext, tag] = message.split(".");
  const { alg, enc, epk } = JSON.parse(new TextDecoder().decode(bytes(header)));
  if (enc !== "A256GCM" || wrapped !== "") throw new Error(`not encrypted as documented: ${alg} with ${enc}`);
  const key = alg === "dir" ? bytes(privateKey.k) : await agreedKey(alg, epk, privateKey);
  const cipher = await subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const sealed = new Uint8Array([...bytes(ciphertext), ...bytes(tag)]);
  // The header is authenticated as it stands in the message.
  const algorithm = { name: "AES-GCM", iv: bytes(nonce), additionalData: utf8(header) };
  return JSON.parse(new TextDecoder().decode(await subtle.decrypt(algorithm, cipher, sealed)));
}

/** ECDH-ES: what both sides agree on, put through the key derivation of RFC 7518, section 4.6.2. */
async function agreedKey(alg, epk, { kty, crv, x, y, d }) {
  if (alg !== "ECDH-ES" || epk.crv !== crv) throw new Error(`not for this key: ${alg} on ${epk?.crv}`);
  const kind = crv === "P-256" ? { name: "ECDH", namedCurve: crv } : { name: crv };
  const ours = await subtle.importKey("jwk", { kty, crv, x, y, d }, kind, false, ["deriveBits"]);
  const theirs = await subtle.importKey("jwk", epk, kind, false, []);
  const secret = new Uint8Array(await subtle.deriveBits({ name: kind.name, public: theirs }, ours, 256));
  const number = (value) => [0, 0, value >> 8, value & 255];
  const name = utf8("A256GCM");
  // Round 1, the secret, the algorithm, nobody by name on either side, 256 bits.
  const input = [...number(1), ...secret, ...number(name.length), ...name, ...number(0), ...number(0), ...number(256)];
  return new Uint8Array(await subtle.digest("SHA-256", new Uint8Array(input)));
}

if (globalThis.process?.argv[1]?.endsWith("decrypt.mjs")) {
  const { readFileSync } = await import("node:fs");
  const [file, ...messages] = process.argv.slice(2);
  const key = JSON.parse(readFileSync(file, "utf8"));
  for (const message of messages) console.log(JSON.stringify(await decrypt(message, key)));
}
