#!/usr/bin/env bash
# Plays the Autobahn WebSocket Testsuite in both roles, judged strictly, and always our own reproduction of its cases.
#
# AUTOBAHN names the suite, `wstest` by default: called as `AUTOBAHN -m MODE -s SPEC`, as the suite's own program is.
# Where AUTOBAHN_RUNNER is given instead, `AUTOBAHN_RUNNER URL` runs the fuzzing client against URL, by whatever means,
# and leaves the suite's index.json in the folder AUTOBAHN_OUTDIR; the client's role is then the reproduction's alone.
# Exit status: 1 where a case failed, 69 where nothing failed but there is no suite.
set -euo pipefail
cd "$(dirname "$0")/../.."

suite=${AUTOBAHN:-wstest}
runner=${AUTOBAHN_RUNNER:-}
cases=${AUTOBAHN_CASES:-*}
# How many the suite has; fewer in its report is a failure, for then somebody died on the way.
expected=${AUTOBAHN_EXPECTED:-517}
echo_program=.build/release/neurogrid-echo
out=$PWD/.build/conformance
status=0
children=()

end_children() {
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    wait 2>/dev/null || true
    children=()
}
trap end_children EXIT

# Waits until a log holds a text; it comes within half a minute or not at all.
await_text() {
    local log=$1 text=$2
    for _ in $(seq 300); do
        grep -q "$text" "$log" 2>/dev/null && return 0
        sleep 0.1
    done
    echo "conformance: no '$text' in $log" >&2
    tail -n 20 "$log" >&2
    return 1
}

judge() { python3 Tests/Conformance/judge.py "$1" "$2" "$expected" || status=1; }

server_role() {
    rm -rf -- "$out/server"
    mkdir -p "$out/server"
    "$echo_program" --listen 127.0.0.1:0 2>"$out/echo.log" &
    children+=($!)
    await_text "$out/echo.log" 'listening on'
    local address
    address=$(sed -n 's/.*listening on //p' "$out/echo.log" | head -n 1)
    if [ -n "$runner" ]; then
        AUTOBAHN_OUTDIR="$out/server" $runner "ws://$address" >"$out/server.log" 2>&1 || true
    else
        cat >"$out/server.json" <<JSON
{"outdir": "$out/server", "cases": ["$cases"], "exclude-cases": [], "exclude-agent-cases": {},
 "servers": [{"agent": "neurogrid", "url": "ws://$address"}]}
JSON
        "$suite" -m fuzzingclient -s "$out/server.json" >"$out/server.log" 2>&1 || true
    fi
    end_children
    judge server "$out/server/index.json"
}

client_role() {
    rm -rf -- "$out/client"
    mkdir -p "$out/client"
    local port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >"$out/client.json" <<JSON
{"outdir": "$out/client", "cases": ["$cases"], "exclude-cases": [], "exclude-agent-cases": {},
 "url": "ws://127.0.0.1:$port"}
JSON
    "$suite" -m fuzzingserver -s "$out/client.json" >"$out/client.log" 2>&1 &
    children+=($!)
    for _ in $(seq 300); do
        ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
        sleep 0.1
    done
    "$echo_program" --dial "ws://127.0.0.1:$port" || status=1
    end_children
    judge client "$out/client/index.json"
}

mkdir -p "$out"
if [ -n "$runner" ]; then
    server_role
elif command -v "$suite" >/dev/null; then
    server_role
    client_role
else
    cat >&2 <<'TEXT'
conformance: no Autobahn suite: there is no `wstest` in PATH. It is the Python 2 package `autobahntestsuite` (for PyPy 2)
conformance: or the container image `crossbario/autobahn-testsuite`; give its command: make conformance AUTOBAHN=...
TEXT
    status=69
fi

# The cases as our own tests play them: against the machines in both roles, and against the client over sockets.
if ! ${SWIFT:-swift} test --skip-build --disable-xctest --filter Autobahn >"$out/reproduction.log" 2>&1; then
    grep -E 'recorded an issue|error:' "$out/reproduction.log" >&2 || tail -n 20 "$out/reproduction.log" >&2
    status=1
fi
echo "conformance: own reproduction: $(grep -E 'Test run with' "$out/reproduction.log" | sed 's/^[^T]*//')"
exit "$status"
