"""Opens what the coordinator encrypted for a user's key: docs/encryption.md. Needs the package `cryptography`.

    python3 docs/examples/decrypt.py PRIVATE_KEY.json MESSAGE...
"""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value):
    return value.to_bytes(4, "big")


def decrypt(message, private_key):
    """The value that stood in a field before it was encrypted, for the private key as a JWK."""
    header, wrapped, nonce, ciphertext, tag = message.split(".")
    told = json.loads(octets(header))
    if told["enc"] != "A256GCM" or wrapped:
        raise ValueError(f"not encrypted as documented: {told['alg']} with {told['enc']}")
    key = octets(private_key["k"]) if told["alg"] == "dir" else agreed_key(told, private_key)
    # The header is authenticated as it stands in the message.
    return json.loads(AESGCM(key).decrypt(octets(nonce), octets(ciphertext) + octets(tag), header.encode()))


def agreed_key(told, private_key):
    """ECDH-ES: what both sides agree on, put through the key derivation of RFC 7518, section 4.6.2."""
    theirs = told.get("epk", {})
    if told["alg"] != "ECDH-ES" or theirs["crv"] != private_key["crv"]:
        raise ValueError(f"not for this key: {told['alg']} on {theirs.get('crv')}")
    if theirs["crv"] == "P-256":
        ours = ec.derive_private_key(int.from_bytes(octets(private_key["d"]), "big"), ec.SECP256R1())
        point = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), b"\x04" + octets(theirs["x"]) + octets(theirs["y"]))
        secret = ours.exchange(ec.ECDH(), point)
    else:
        ours = x25519.X25519PrivateKey.from_private_bytes(octets(private_key["d"]))
        secret = ours.exchange(x25519.X25519PublicKey.from_public_bytes(octets(theirs["x"])))
    name = b"A256GCM"
    # Round 1, the secret, the algorithm, nobody by name on either side, 256 bits.
    given = number(1) + secret + number(len(name)) + name + number(0) + number(0) + number(256)
    return hashlib.sha256(given).digest()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        key = json.load(file)
    for message in sys.argv[2:]:
        print(json.dumps(decrypt(message, key), separators=(",", ":"), ensure_ascii=False))
