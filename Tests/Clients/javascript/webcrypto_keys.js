// Keys as a browser makes them: writes KIND.json with the private halves, prints the public ones, one a line.
//
//     webcrypto_keys.js FOLDER

"use strict";

const { writeFileSync } = require("node:fs");
const path = require("node:path");
const { subtle } = require("node:crypto").webcrypto;

const kinds = [
  ["p256", { name: "ECDH", namedCurve: "P-256" }, ["deriveBits"]],
  ["x25519", { name: "X25519" }, ["deriveBits"]],
  ["shared", { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]],
];

async function main(folder) {
  for (const [kind, algorithm, uses] of kinds) {
    const made = await subtle.generateKey(algorithm, true, uses);
    const secret = await subtle.exportKey("jwk", made.privateKey ?? made);
    writeFileSync(path.join(folder, `${kind}.json`), JSON.stringify(secret));
    console.log(JSON.stringify(await subtle.exportKey("jwk", made.publicKey ?? made)));
  }
}

main(process.argv[2]);
