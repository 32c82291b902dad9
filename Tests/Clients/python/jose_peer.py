"""A third party's JOSE (PyPI's jwcrypto): makes keys, and opens what was encrypted for them.

    jose_peer.py keys FOLDER            writes KIND.json, prints the public keys, one a line
    jose_peer.py open FILE MESSAGE...   prints the plaintexts, one a line
"""

import json
import pathlib
import sys

from jwcrypto import jwe, jwk

KINDS = {
    "p256": {"kty": "EC", "crv": "P-256"},
    "x25519": {"kty": "OKP", "crv": "X25519"},
    "shared": {"kty": "oct", "size": 256},
}


def keys(folder):
    for kind, parameters in KINDS.items():
        key = jwk.JWK.generate(**parameters, kid=f"jwcrypto {kind}", use="enc")
        (pathlib.Path(folder) / f"{kind}.json").write_text(key.export())
        print(key.export() if kind == "shared" else key.export_public())


def open_messages(file, messages):
    members = json.loads(pathlib.Path(file).read_text())
    # WebCrypto writes what it calls these operations; jwcrypto has other names for them and would not open a thing.
    members.pop("key_ops", None)
    key = jwk.JWK(**members)
    for message in messages:
        token = jwe.JWE()
        token.allowed_algs = ["dir", "ECDH-ES", "A256GCM"]
        token.deserialize(message, key)
        print(token.payload.decode())


if sys.argv[1] == "keys":
    keys(sys.argv[2])
else:
    open_messages(sys.argv[2], sys.argv[3:])
