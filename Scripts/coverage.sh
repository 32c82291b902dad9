#!/usr/bin/env bash
# Region coverage of each module by the tests, fuzz corpora included; fails where Bytes, Web or what speaks a dialect is
# below 95 %.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
scratch=.build/coverage
# The third-party clients' programs are other processes, and take as long as all the rest.
skipped=(--skip ClientTests --skip TidyTests)
"$swift" build --build-tests --enable-code-coverage --scratch-path "$scratch"
NEUROGRID_BIN=$PWD/$scratch/debug \
    "$swift" test --skip-build --disable-xctest --enable-code-coverage --scratch-path "$scratch" "${skipped[@]}"
report=$("$swift" test --show-codecov-path --scratch-path "$scratch")
python3 Scripts/coverage.py "$report" Bytes=95 Web=95 \
    Wire/Native=95 Wire/Qubix=95 Wire/NeuroGraph=95 Wire/TriggerX=95 Wire/EyeNet=95 Wire/SocketIO=95
