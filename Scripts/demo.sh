#!/usr/bin/env bash
# A whole grid on this machine: a coordinator, one enrolled agent, a customer with credits, and two tasks; their
# assignment, progress, completion and cost, and what everybody has then, as live events.
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

coordinator='' agent='' watchers='' timer='' customer='' provider=''

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
    for process in $timer $watchers $agent $coordinator; do stop_process "$process"; done
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
    # It is read at once, and a busy machine may be late with making it.
    : >"$coordinator_log"
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

# The machine is a provider's; what its tasks pay goes there.
start_agent() {
    local join_token
    join_token=$("$programs/neurogrid-coordinator" enroll --data-dir "$data" --owner provider --name "$(uname -n)" \
        --region local --price-per-hour 0.40) || fail "enrolling this machine failed"
    "$programs/neurogrid-agent" run --coordinator "ws://$address" --join-token "$join_token" --state-dir "$state" \
        --interval 1s >"$agent_log" 2>&1 &
    agent=$!
}

# A token for the user $1 with the permissions $2, alone on stdout.
mint() {
    "$programs/neurogrid-coordinator" token --data-dir "$data" --user "$1" --permissions "$2"
}

control() { "$programs/neurogridctl" --url "http://$address" "$@"; }

# Prints the events of the room $2 as the bearer of the token $1 sees them.
watch_room() {
    # Not the function: it would run in a shell of its own, and stopping that would leave the program behind.
    "$programs/neurogridctl" --url "http://$address" --token "$1" watch "$2" &
    watchers="$watchers $!"
}

# Waits until the node takes tasks: until then nobody offers their runner.
await_node() {
    for _ in $(seq 150); do
        [[ $(control --token "$customer" nodes --json) != *'"status":"online"'* ]] || return 0
        kill -0 "$agent" 2>/dev/null || fail "the agent ended"
        sleep 0.1
    done
    fail "the agent did not come online within 15 s"
}

# Two tasks of 5 s beside each other, half a core each; the second writes down what it is asked to.
submit_tasks() {
    say "the customer deposits 100.00 USD and submits two tasks"
    "$programs/neurogrid-coordinator" deposit --data-dir "$data" --user customer --currency USD --amount 100.00 ||
        fail "the deposit failed"
    control --token "$customer" submit --runner selftest --arg seconds=5 --arg steps=5 --cpu 0.5 --timeout 1m \
        --job demo || fail "submitting a task failed"
    control --token "$customer" submit --runner selftest --arg seconds=5 --arg steps=5 --arg output=hello --cpu 0.5 \
        --timeout 1m --job demo || fail "submitting a task failed"
}

# Waits until both tasks have ended, then shows what came of them and who has what.
show_outcome() {
    local user left
    for _ in $(seq 300); do
        left=$(control --token "$customer" tasks --job demo --state pending,assigned,running --json) ||
            fail "listing the tasks failed"
        [[ $left != *'"tasks":[]'* ]] || break
        kill -0 "$agent" 2>/dev/null || fail "the agent ended"
        sleep 0.1
    done
    say "what came of them, why the first went where it went, and who has what now"
    control --token "$customer" tasks --job demo || fail "listing the tasks failed"
    control --token "$customer" why 1 || fail "asking why failed"
    say "the customer's balances, then the provider's"
    for user in "$customer" "$provider"; do
        control --token "$user" balances || fail "reading balances failed"
    done
}

build_programs
rm -rf -- "$demo"
mkdir -p "$demo"
trap 'stop_everything; say "stopped"; exit 0' INT TERM HUP
readonly begun=$SECONDS
start_coordinator
say "coordinator on $address, logs in $demo/; Ctrl-C stops everything"
customer=$(mint customer task:submit,node:read) || fail "minting a token failed"
provider=$(mint provider node:read) || fail "minting a token failed"
watch_room "$customer" nodes
watch_room "$customer" tasks
watch_room "$customer" user_updates
watch_room "$provider" user_updates
start_agent
await_node
submit_tasks
show_outcome

for process in $watchers $agent $coordinator; do
    kill -0 "$process" 2>/dev/null || fail "a program ended before its time"
done
if [ -n "$seconds" ]; then
    # Of the whole, not from here on; what the tasks took beyond it, it takes.
    left=$((seconds - (SECONDS - begun)))
    sleep $((left > 1 ? left : 1)) &
    timer=$!
fi

# Whatever ends first ends the demo; only the timer may.
ended=''
# shellcheck disable=SC2086  # an absent timer is no word
wait -n -p ended $timer $watchers "$agent" "$coordinator" || true
case "$ended" in
"$coordinator") fail "the coordinator ended" ;;
"$agent") fail "the agent ended" ;;
"$timer") ;;
*) fail "neurogridctl ended" ;;
esac
stop_everything
say "stopped after $seconds s"
