#!/usr/bin/env bash
# Runs the built tests. What failed is said once more at the end, behind thousands of lines of what passed.
# Arguments go to `swift test`.
set -euo pipefail
cd "$(dirname "$0")/.."

log=.build/test.log
status=0
"${SWIFT:-swift}" test --skip-build --disable-xctest "$@" 2>&1 | tee "$log" || status=$?
[ "$status" -eq 0 ] || .build/venv/bin/python Scripts/failures.py "$log"
exit "$status"
