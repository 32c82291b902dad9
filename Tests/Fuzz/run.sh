#!/usr/bin/env bash
# Runs fuzz targets and fails on a finding. Arguments: seconds for each, then targets; none means all.
#
# What a run adds to the corpus stays in .build/fuzz/corpus for the next one, a finding's input in .build/fuzz/findings.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
targets=("$@")
if [ $# -eq 0 ]; then
    for entry in Tests/Fuzz/Entries/*.swift; do targets+=("$(basename "$entry" .swift)"); done
fi
for name in "${targets[@]}"; do
    [ -f "Tests/Fuzz/Entries/$name.swift" ] || { echo "fuzz: there is no target $name" >&2; exit 64; }
done
bash Tests/Fuzz/build.sh "${targets[@]}"

out=.build/fuzz
# libFuzzer tells where a trap was; the runtime would take seconds more for it.
export SWIFT_BACKTRACE=enable=no
mkdir -p "$out/findings"
status=0
for name in "${targets[@]}"; do
    grown=$out/corpus/$name log=$out/$name.log
    mkdir -p "$grown"
    corpora=("$grown" "Tests/Fuzz/corpora/$name")
    # Golden messages are seeds, too.
    case $name in
        agent-message) corpora+=(Tests/Fixtures/wire/agent) ;;
        native-message) corpora+=(Tests/Fixtures/wire/native) ;;
        json) corpora+=(Tests/Fixtures/wire/rest) ;;
    esac
    if "$out/fuzz-$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -dict="Tests/Fuzz/dictionaries/$name.dict" -artifact_prefix="$out/findings/$name-" \
        "${corpora[@]}" >"$log" 2>&1
    then
        verdict='no finding'
    else
        verdict="FINDING, see $log"
        status=1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    echo "fuzz: $name: ${runs:-0} runs, ${edges:-0} edges, $verdict"
    if [ "$verdict" != 'no finding' ]; then
        grep -E 'Fatal error|ERROR: |SUMMARY: |Test unit written' "$log" || tail -n 20 "$log"
    fi
done
exit "$status"
