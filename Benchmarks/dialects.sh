# shellcheck shell=bash
# Parts of run.sh, which sources it: what the clients of each dialect wait for, and what thousands of them cost at rest.
# shellcheck disable=SC2154 # run.sh sets what is not set here

# A coordinator with a user who has a token, an API key, and tasks that the load's agent can run.
start_coordinator_with_tasks() { # TASKS
    prepare_coordinator
    cat >"$scratch/coordinator.json5" <<'CONFIG'
{limits: {connections_per_ip_per_minute: 0, connections_per_ip: 0, messages_per_connection_per_minute: 0,
          neurograph_connections: 0, events_per_client_per_minute: 0,
          broadcast: {nodes: '0s', progress: '0s'}}}
CONFIG
    start_server coordinator "$port" "${serve[@]}"
    "$programs/neurogrid-coordinator" deposit --data-dir "$scratch/data" --user bench --currency USD --amount 100000 \
        >/dev/null
    token=$("$programs/neurogrid-coordinator" token --data-dir "$scratch/data" --user bench \
        --permissions node:read,task:submit)
    api_key=$("$programs/neurogrid-coordinator" api-key create --data-dir "$scratch/data" --user bench \
        --rate-per-minute 1000000)
    rm -f -- "$scratch/submitted"
    [ "$1" = 0 ] || {
        submit_tasks "$1" &
        submitter=$!
    }
}

stop_coordinator_with_tasks() {
    [ -z "${submitter:-}" ] || {
        kill "$submitter" 2>/dev/null || true
        wait "$submitter" 2>/dev/null || true
        submitter=
    }
    stop_servers
}

# Tasks are taken once a node runs such, which the load's agent does as soon as it is welcome.
submit_tasks() { # TASKS
    local left=$1 batch tries
    while [ "$left" -gt 0 ]; do
        batch=$((left < 500 ? left : 500))
        for tries in $(seq 300); do
            python3 -c 'import json, sys
print(json.dumps({"tasks": [{"runner": "bench", "timeout_seconds": 3600, "price_cap": 0.01}] * int(sys.argv[1])}))' \
                "$batch" |
                curl -sf -o /dev/null -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
                    --data-binary @- "http://127.0.0.1:$port/api/v1/jobs" && break
            [ "$tries" -lt 300 ] || fail "no tasks could be submitted"
            sleep 0.1
        done
        left=$((left - batch))
    done
    : >"$scratch/submitted"
}

# What a dialect's clients wait for while 1,000 connections of all dialects are open: 20 subscribers of one node, then
# all 1,000; and beside each the server that BENCH_BESIDE names, with as many subscribers, messages of that size and that
# pace. Twenty are told in less time than a sleeping processor needs to wake: where they run is left to the kernel,
# which keeps those together that speak with each other.
dialects() {
    local repetition dialect
    build neurogrid-coordinator neurogrid-echo neurogrid-load
    for repetition in $(seq "$runs"); do
        say "dialects, repetition $repetition of $runs"
        for dialect in ${BENCH_DIALECTS:-native qubix neurograph triggerx eyenet}; do
            server_processors=0,1 generator_processors=0,1
            dialect_run "$repetition" "$dialect" --standing $((crowd - 20)) --subscribers 20 --connections "$connects"
            dialect_beside "$repetition" 20
            # A task's beginning is told before it is stored, its end is not.
            [ "$dialect" != triggerx ] ||
                dialect_run "$repetition" "$dialect" --event end --standing $((crowd - 20)) --subscribers 20 \
                    --connections 0
            server_processors=0 generator_processors=1
            dialect_run "$repetition" "$dialect" --standing 0 --subscribers "$crowd" --connections 0
            dialect_beside "$repetition" "$crowd"
        done
    done
}

readonly dialect_rate=50
dialect_run() { # REPETITION DIALECT ARGUMENTS...
    local repetition=$1 dialect=$2 tasks=0
    shift 2
    case $dialect in
        # One task's progress is many events, but a task begins once.
        neurograph) tasks=1 ;;
        triggerx) tasks=$((dialect_rate * ${events%s} + 200)) ;;
    esac
    [ "$tasks" = 0 ] || set -- "$@" --ready-file "$scratch/submitted"
    start_coordinator_with_tasks "$tasks"
    load_run "$repetition" coordinator dialects --dialect "$dialect" --data-dir "$scratch/data" --token "$token" \
        --api-key "$api_key" --user bench --rate "$dialect_rate" --measure "$events" "$@"
    stop_coordinator_with_tasks
}

dialect_beside() { # REPETITION SUBSCRIBERS
    local bytes
    [ -n "$beside" ] || return 0
    bytes=$(sed -n 's/.*"event_bytes":\([0-9]*\).*/\1/p' "$folder/runs.jsonl" | tail -n 1)
    start_beside
    load_run "$1" "${beside%% *}" fanout --subscribers "$2" --rate "$dialect_rate" --measure "$events" \
        --bytes "${bytes:-300}" --greet
    stop_servers
}

# Connections of all dialects that stand for ten minutes, and the memory that they are held in.
hold() {
    build neurogrid-coordinator neurogrid-load
    say "$idlers connections of all dialects for $hold_time"
    start_coordinator_with_tasks 0
    load_run 1 coordinator dialects --dialect native --data-dir "$scratch/data" --token "$token" \
        --api-key "$api_key" --user bench --rate 10 --standing $((idlers - 20)) --subscribers 20 --connections 0 \
        --hold "$hold_time"
    stop_coordinator_with_tasks
}
