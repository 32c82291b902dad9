#!/usr/bin/env bash
# Measures the fan-out beside other servers, the coordinator's ingest and whole path, and what an agent costs.
# Tables in Markdown go to stdout, every single run to .build/bench/runs.jsonl. How to read them: docs/benchmarks.md.
#
#   Benchmarks/run.sh [PART...]                     all without arguments:
#       fanout deflate allocations idle ingest fleet storm nodes dialects agent
#   and hold, which alone takes ten minutes and is named or left out
#   SHORT=1            a smoke test: one short run of each
#   BENCH_RUNS=5       interleaved runs a case      BENCH_MEASURE=1s   measured span of a run
#   BENCH_PORT=9200    the first of four ports      BENCH_NICE=0       priority of servers and generator alike
#   BENCH_AGENT_SECONDS=60                          BENCH_FLEET_MEASURE=300s
#   BENCH_EVENTS=20s    measured span of dialects   BENCH_DIALECTS='native …' all of them
#   BENCH_BESIDE='NAME COMMAND'   a further server for fanout and idle, which broadcasts what comes on /pub to /sub;
#                      PORT in the command is replaced. It need not know another key than RFC 6455's example
set -euo pipefail
cd "$(dirname "$0")/.."

readonly programs=.build/release
readonly folder=.build/bench
readonly port="${BENCH_PORT:-9200}"
export BENCH_NICE="${BENCH_NICE:-0}"
readonly beside="${BENCH_BESIDE:-}"
if [ -n "${SHORT:-}" ]; then
    runs=1 measure=300ms agent_seconds=5 agents=100 crowd=100 idlers=500 fleet=300 fleet_measure=5s storm_agents=300
    events=1s connects=20 hold_time=10s
else
    runs="${BENCH_RUNS:-5}" measure="${BENCH_MEASURE:-1s}" agent_seconds="${BENCH_AGENT_SECONDS:-60}"
    agents=1000 crowd=1000 idlers=10000 fleet=19000 fleet_measure="${BENCH_FLEET_MEASURE:-300s}" storm_agents=5000
    events="${BENCH_EVENTS:-20s}" connects=200 hold_time=600s
fi
readonly all_parts=(fanout deflate allocations idle ingest fleet storm nodes dialects agent)
parts=("$@")
[ $# -gt 0 ] || parts=("${all_parts[@]}")

say() { printf 'bench: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}
wants() { [[ " ${parts[*]} " == *" $1 "* ]]; }

declare -A server_pid=() server_port=()
scratch=$(mktemp -d)

stop_servers() {
    local name
    for name in "${!server_pid[@]}"; do
        kill -CONT "${server_pid[$name]}" 2>/dev/null || true
        kill -TERM "${server_pid[$name]}" 2>/dev/null || true
        wait "${server_pid[$name]}" 2>/dev/null || true
    done
    server_pid=()
}
trap 'stop_servers; rm -rf -- "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

# Servers run on processor 0, the generator on processor 1, unless a part lets both run on either.
server_processors=0 generator_processors=1
on_server() { exec setsid bash -c "$prioritise" bench "$server_processors" "$@"; }
on_generator() { setsid --wait bash -c "$prioritise" bench "$generator_processors" "$@"; }
# A session of its own has a scheduling group of its own, whose weight the kernel keeps beside each process's.
# shellcheck disable=SC2016 # expanded by the inner shell
readonly prioritise='[ "$BENCH_NICE" = 0 ] || echo "$BENCH_NICE" 2>/dev/null >/proc/self/autogroup || true
    exec nice -n "$BENCH_NICE" taskset -c "$@"'

await_port() {
    for _ in $(seq 100); do
        ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || return 0
        sleep 0.1
    done
    fail "nothing listens on port $1"
}

start_server() { # NAME PORT COMMAND...
    local name=$1
    server_port[$name]=$2
    shift 2
    (on_server "$@") >"$folder/$name.log" 2>&1 &
    server_pid[$name]=$!
    await_port "${server_port[$name]}"
}

record() { # REPETITION JSON
    printf '{"repetition":%d,"result":%s}\n' "$1" "$2" >>"$folder/runs.jsonl"
}

build() {
    local program
    say "building"
    for program in "$@"; do swift build -c release --product "$program" >"$folder/build.log" 2>&1 ||
        fail "building $program failed: $folder/build.log"; done
}

prepare_peers() {
    [ -x .build/peers/bin/python ] || python3 -m venv .build/peers
    .build/peers/bin/python -c 'import uvloop, websockets' 2>/dev/null ||
        .build/peers/bin/pip install --quiet --disable-pip-version-check -r Benchmarks/Peers/requirements.txt
}

# One run of the generator against one server. A failed run is recorded as far as it came.
load_run() { # REPETITION NAME MODE ARGUMENTS...
    local repetition=$1 name=$2 mode=$3 line
    shift 3
    [ "$name" != "${beside%% *}" ] || set -- "$@" --sample-key
    if line=$(on_generator "$programs/neurogrid-load" "$mode" --name "$name" --pid "${server_pid[$name]}" \
        --target "127.0.0.1:${server_port[$name]}" "$@" 2>>"$folder/generator.log"); then
        record "$repetition" "$line"
    else
        say "a run of $name failed: $mode $* ($(tail -n 1 "$folder/generator.log"))"
        [ -z "$line" ] || record "$repetition" "$line"
    fi
}

# One run of one server, while the others are stopped.
fanout_run() { # REPETITION NAME ARGUMENTS...
    local repetition=$1 name=$2 other
    shift 2
    for other in "${!server_pid[@]}"; do [ "$other" = "$name" ] || kill -STOP "${server_pid[$other]}"; done
    load_run "$repetition" "$name" fanout --measure "$measure" "$@"
    # The server sees its connections end before it is stopped.
    sleep 0.3
    for other in "${!server_pid[@]}"; do [ "$other" = "$name" ] || kill -CONT "${server_pid[$other]}"; done
}

start_echo() { start_server neurogrid "$port" "$@" "$programs/neurogrid-echo" --broadcast --listen "127.0.0.1:$port"; }

start_node_ws() { # [deflate]
    start_server node-ws $((port + 2)) env "NODE_PATH=${NODE_PATH:-/usr/share/nodejs}" \
        node Benchmarks/Peers/ws_broadcast.js $((port + 2)) "$@"
}

# The server that BENCH_BESIDE names, if it does.
start_beside() {
    local command=${beside#* }
    # shellcheck disable=SC2086 # the command is words
    [ -z "$beside" ] || start_server "${beside%% *}" $((port + 3)) ${command//PORT/$((port + 3))}
}

fanout() {
    local repetition case name cases order
    build neurogrid-echo neurogrid-load
    prepare_peers
    start_echo
    start_server websockets $((port + 1)) .build/peers/bin/python Benchmarks/Peers/websockets_broadcast.py $((port + 1))
    start_node_ws
    start_beside
    cases=("--subscribers $crowd --window 1 --spin" "--subscribers $crowd --window 16 --spin"
        "--subscribers 100 --window 1 --spin" "--subscribers 100 --window 16 --spin"
        "--subscribers 100 --window 128 --spin" "--subscribers $crowd --rate 50")
    for repetition in $(seq "$runs"); do
        say "fan-out, repetition $repetition of $runs"
        # shellcheck disable=SC2206 # there may be none beside
        order=(neurogrid websockets node-ws ${beside%% *})
        # shellcheck disable=SC2206
        [ $((repetition % 2)) = 1 ] || order=(${beside%% *} node-ws websockets neurogrid)
        for case in "${cases[@]}"; do
            # shellcheck disable=SC2086 # the case is words
            for name in "${order[@]}"; do fanout_run "$repetition" "$name" $case; done
        done
    done
    stop_servers
}

# Every message compressed, once for all subscribers here and once for each of them there.
deflate() {
    local repetition case name order
    build neurogrid-echo neurogrid-load
    start_echo
    start_node_ws deflate
    for repetition in $(seq "$runs"); do
        say "compressed fan-out, repetition $repetition of $runs"
        order=(neurogrid node-ws)
        [ $((repetition % 2)) = 1 ] || order=(node-ws neurogrid)
        for case in "--window 1" "--window 16"; do
            # shellcheck disable=SC2086 # the case is words
            for name in "${order[@]}"; do
                fanout_run "$repetition" "$name" --subscribers "$crowd" --bytes 1000 --deflate --spin $case
            done
        done
    done
    stop_servers
}

# A coordinator on an empty data folder, without the limits that a client's address has.
readonly serve=("$programs/neurogrid-coordinator" serve --listen "127.0.0.1:$port" --loops 1
    --data-dir "$scratch/data" --config "$scratch/coordinator.json5" --log-level warn)
prepare_coordinator() {
    rm -rf -- "$scratch/data"
    cat >"$scratch/coordinator.json5" <<'CONFIG'
{limits: {connections_per_ip_per_minute: 0, connections_per_ip: 0, messages_per_connection_per_minute: 0,
    broadcast: {nodes: '0s', progress: '0s'}}}
CONFIG
}
start_coordinator() { # [COMMAND...] before the coordinator's own
    prepare_coordinator
    start_server coordinator "$port" "$@" "${serve[@]}"
}
mint() { "$programs/neurogrid-coordinator" token --data-dir "$scratch/data" --user bench --permissions node:read; }

# One run against a fresh coordinator.
coordinator_run() { # REPETITION MODE ARGUMENTS...
    local repetition=$1 mode=$2
    shift 2
    start_coordinator
    [ "$mode" != nodes ] || set -- "$@" --token "$(mint)"
    load_run "$repetition" coordinator "$mode" --data-dir "$scratch/data" --measure "$measure" "$@"
    stop_servers
}

# Calls of malloc and its kin while messages flow, counted in the server by a library that is loaded before it.
allocations() {
    local counted
    build neurogrid-coordinator neurogrid-echo neurogrid-load
    gcc -O2 -Wall -shared -fPIC -o "$folder/allocations.so" Benchmarks/allocations.c
    counted=(env "LD_PRELOAD=$PWD/$folder/allocations.so" "NEUROGRID_ALLOCATIONS=$scratch/allocations")
    say "allocations"
    start_echo "${counted[@]}"
    fanout_run 1 neurogrid --subscribers "$crowd" --window 1 --allocations "$scratch/allocations"
    fanout_run 1 neurogrid --subscribers "$crowd" --window 16 --allocations "$scratch/allocations"
    fanout_run 1 neurogrid --subscribers "$crowd" --window 1 --bytes 1000 --deflate --allocations "$scratch/allocations"
    stop_servers
    rm -f "$scratch/allocations"
    start_coordinator "${counted[@]}"
    load_run 1 coordinator nodes --data-dir "$scratch/data" --measure "$measure" --token "$(mint)" --agents 1 \
        --window 1 --subscribers "$crowd" --allocations "$scratch/allocations"
    stop_servers
}

# Each run against a fresh server: memory that an earlier run gave back would be counted as nothing.
idle_run() { # REPETITION NAME ARGUMENTS...
    local repetition=$1 name=$2
    shift 2
    load_run "$repetition" "$name" idle --subscribers "$idlers" "$@"
    stop_servers
}

idle() {
    local repetition
    build neurogrid-coordinator neurogrid-echo neurogrid-load
    for repetition in $(seq "$runs"); do
        say "idle connections, repetition $repetition of $runs"
        start_echo
        idle_run "$repetition" neurogrid
        [ -z "$beside" ] || {
            start_beside
            idle_run "$repetition" "${beside%% *}"
        }
        start_node_ws
        idle_run "$repetition" node-ws
        start_echo
        idle_run "$repetition" neurogrid --deflate
        start_coordinator
        idle_run "$repetition" coordinator --path /ws --token "$(mint)"
        start_coordinator
        idle_run "$repetition" coordinator --path /ws --token "$(mint)" --deflate
    done
}

# As many agents as descriptors allow, each at its default interval.
fleet() {
    build neurogrid-coordinator neurogrid-load
    say "$fleet agents at 1 Hz for $fleet_measure"
    measure=$fleet_measure coordinator_run 1 ingest --agents "$fleet" --rate 1 --warm-up 3s
}

# The coordinator is killed and started again at once, as systemd does it.
storm() {
    local repetition
    build neurogrid-coordinator neurogrid-load
    for repetition in $(seq "$runs"); do
        say "reconnect storm, repetition $repetition of $runs"
        prepare_coordinator
        # shellcheck disable=SC2016 # expanded by the inner shell
        start_server coordinator "$port" bash -c 'file=$1; shift
            trap "kill \$! 2>/dev/null; wait; exit 0" TERM
            while :; do "$@" & echo $! >"$file"; wait; done' storm "$scratch/pid" "${serve[@]}"
        load_run "$repetition" coordinator storm --data-dir "$scratch/data" --pid-file "$scratch/pid" \
            --agents "$storm_agents"
        stop_servers
    done
}

ingest() {
    local repetition
    build neurogrid-coordinator neurogrid-load
    for repetition in $(seq "$runs"); do
        say "ingest, repetition $repetition of $runs"
        coordinator_run "$repetition" ingest --agents "$agents" --rate 10
        coordinator_run "$repetition" ingest --agents "$agents" --window 8 --spin
    done
}

nodes() {
    local repetition bytes
    build neurogrid-coordinator neurogrid-echo neurogrid-load
    for repetition in $(seq "$runs"); do
        say "the whole path, repetition $repetition of $runs"
        coordinator_run "$repetition" nodes --agents 100 --rate 1 --subscribers 100
        coordinator_run "$repetition" nodes --agents 1 --window 1 --subscribers "$crowd" --spin
        # The same size of event through the bare fan-out, to show what the rest of the path costs. Its subscribers
        # speak first, too: a client that has spoken acknowledges later, and the server's kernel pays for that.
        bytes=$(sed -n 's/.*"event_bytes":\([0-9]*\).*/\1/p' "$folder/runs.jsonl" | tail -n 1)
        start_echo
        fanout_run "$repetition" neurogrid --subscribers "$crowd" --window 1 --spin --greet \
            --bytes "${bytes:-2000}"
        stop_servers
    done
}

# shellcheck source=Benchmarks/dialects.sh
source Benchmarks/dialects.sh

# The agent as it is shipped, at its default interval, with eight GPUs, talking to a coordinator.
agent() {
    local join_token status=0
    build neurogrid-coordinator
    say "building the agent with its runtime inside"
    swift build -c release --static-swift-stdlib --scratch-path .build/static --product neurogrid-agent \
        >"$folder/build.log" 2>&1 || fail "building the agent failed: $folder/build.log"
    make -s -C Tests/FakeNVML
    start_coordinator
    join_token=$("$programs/neurogrid-coordinator" enroll --data-dir "$scratch/data" --owner bench --name bench)
    NEUROGRID_NVML_LIBRARY="$PWD/.build/fake-nvml/libnvidia-ml.so.1" \
        NEUROGRID_FAKE_NVML_SCENARIO="$PWD/Benchmarks/h100.scenario" \
        .build/static/release/neurogrid-agent run --coordinator "ws://127.0.0.1:$port" --interval 1s \
        --state-dir "$scratch/agent" --join-token "$join_token" >"$folder/agent.log" 2>&1 &
    server_pid[agent]=$!
    say "watching the agent for $agent_seconds s"
    python3 Benchmarks/agent_cost.py "${server_pid[agent]}" "$agent_seconds" .build/static/release/neurogrid-agent \
        >"$folder/agent.md" || status=$?
    stop_servers
    [ "$status" = 0 ] || fail "the agent's cost could not be measured"
}

mkdir -p "$folder"
: >"$folder/runs.jsonl"
: >"$folder/generator.log"
rm -f "$folder/agent.md"
for part in "${parts[@]}"; do
    [[ " ${all_parts[*]} hold " == *" $part "* ]] || fail "no part named $part: ${all_parts[*]} hold"
    "$part"
done
python3 Benchmarks/report.py "$folder/runs.jsonl"
! wants agent || cat "$folder/agent.md"
