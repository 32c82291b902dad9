#!/usr/bin/env bash
# Checks that need no build: formatting, syntax of scripts and clients, systemd units. Arguments: Swift files, folders.
set -euo pipefail
cd "$(dirname "$0")/.."

folders=()
for folder in "$@"; do [ ! -e "$folder" ] || folders+=("$folder"); done
"${SWIFT:-swift}" format lint --strict --parallel --recursive "${folders[@]}"
for script in Scripts/*.sh Benchmarks/*.sh Tests/Fuzz/*.sh Tests/Conformance/*.sh Tests/Campaigns/*.sh .ci/run; do
    bash -n "$script"
done
PYTHONDONTWRITEBYTECODE=1 .build/venv/bin/python - Tests/Clients/python/*.py Tests/Conformance/*.py \
    Tests/Campaigns/*.py Scripts/*.py Benchmarks/*.py Benchmarks/Peers/*.py docs/examples/*.py \
    Clients/python/src/*.py Clients/python/src/neurogrid/*.py <<'PYTHON'
import ast, pathlib, sys
for name in sys.argv[1:]:
    ast.parse(pathlib.Path(name).read_text(), name)
PYTHON
for script in Tests/Clients/javascript/*.js Benchmarks/Peers/*.js docs/examples/*.mjs \
    Tests/Clients/javascript/library/*.mjs Clients/javascript/src/*.js Clients/javascript/src/*/*.js; do
    node --check "$script"
done
if command -v systemd-analyze >/dev/null; then bash Scripts/verify-units.sh; fi
echo 'lint: clean'
