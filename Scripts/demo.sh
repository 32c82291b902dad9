#!/usr/bin/env bash
# A whole grid on this machine: a coordinator, one enrolled agent, and the live events of the `nodes` room.
# Ctrl-C stops everything; NEUROGRID_DEMO_SECONDS=15 ends by itself. Nothing is left running, nothing kept but logs.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly programs=.build/debug
readonly seconds="${NEUROGRID_DEMO_SECONDS:-}"
readonly demo=.demo
# Relative, because the control socket's path must stay short however deep this checkout lies.
readonly data="$demo/coordinator" state="$demo/agent"
readonly coordinator_log="$demo/coordinator.log" agent_log="$demo/agent.log"

say() { printf 'demo: %s\n' "$*"; }

coordinator='' agent='' watcher='' timer=''

# Ends one process and waits until it is gone, 5 s at most.
stop_process() {
    kill -TERM "$1" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.05
    done
    kill -KILL "$1" 2>/dev/null || true
}

# Ends what this script started: first who listens, the coordinator last.
stop_everything() {
    local process
    trap '' INT TERM HUP
    for process in $timer $watcher $agent $coordinator; do stop_process "$process"; done
}

fail() {
    local log
    printf 'demo: %s\n' "$1" >&2
    for log in "$coordinator_log" "$agent_log"; do
        [ ! -s "$log" ] || { printf -- '--- the end of %s\n' "$log" >&2 && tail -n 20 "$log" >&2; }
    done
    stop_everything
    exit 1
}

build_programs() {
    local program
    say "building the programs (a few minutes the first time)"
    for program in neurogrid-coordinator neurogrid-agent neurogridctl; do
        swift build --product "$program" || fail "building $program failed"
    done
}

# Starts the coordinator on a free port of loopback and sets `address` once it listens.
start_coordinator() {
    "$programs/neurogrid-coordinator" serve --listen 127.0.0.1:0 --data-dir "$data" >"$coordinator_log" 2>&1 &
    coordinator=$!
    for _ in $(seq 100); do
        address=$(sed -n 's/.*listening on \([0-9.]*:[0-9]*\).*/\1/p' "$coordinator_log" | head -n 1)
        [ -z "$address" ] || return 0
        kill -0 "$coordinator" 2>/dev/null || fail "the coordinator ended"
        sleep 0.1
    done
    fail "the coordinator did not start to listen within 10 s"
}

start_agent() {
    local join_token
    join_token=$("$programs/neurogrid-coordinator" enroll --data-dir "$data" --owner demo --name "$(uname -n)" \
        --region local) || fail "enrolling this machine failed"
    "$programs/neurogrid-agent" run --coordinator "ws://$address" --join-token "$join_token" --state-dir "$state" \
        --interval 1s >"$agent_log" 2>&1 &
    agent=$!
}

watch_nodes() {
    local token
    token=$("$programs/neurogrid-coordinator" token --data-dir "$data" --user demo --permissions node:read) ||
        fail "minting a token failed"
    "$programs/neurogridctl" --url "http://$address" --token "$token" watch nodes &
    watcher=$!
}

build_programs
rm -rf -- "$demo"
mkdir -p "$demo"
trap 'stop_everything; say "stopped"; exit 0' INT TERM HUP
start_coordinator
say "coordinator on $address, logs in $demo/; Ctrl-C stops everything"
watch_nodes
start_agent

if [ -n "$seconds" ]; then
    sleep "$seconds" &
    timer=$!
fi

# Whatever ends first ends the demo; only the timer may.
ended=''
# shellcheck disable=SC2086  # an absent timer is no word
wait -n -p ended $timer "$watcher" "$agent" "$coordinator" || true
case "$ended" in
"$coordinator") fail "the coordinator ended" ;;
"$agent") fail "the agent ended" ;;
"$watcher") fail "neurogridctl ended" ;;
esac
stop_everything
say "stopped after $seconds s"
