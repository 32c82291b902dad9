#!/usr/bin/env bash
# Behaviour under pressure, against optimised programs: each campaign prints one row of a table and fails where a bound
# was broken. docs/benchmarks.md says how they are read.
#
#   Tests/Campaigns/run.sh [hostile] [stalled] [execve] [tasks] [chaos] [partition]     all without arguments
#   SHORT=1                                        fewer sockets, less time
#   ARGUMENTS="--count 5000 --seed 7"              the campaign's own, in place of what it does by itself
#
# Ends with 1 where a bound was broken, else with 69 where a campaign could not be run on this machine, which it says.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly campaigns=(hostile stalled execve tasks chaos partition)
readonly -A short=([hostile]="--sockets 100 --seconds 5" [stalled]="--sockets 100 --seconds 20"
    [execve]="--count 100" [tasks]="--count 100" [chaos]="--kills 20 --tasks 60"
    [partition]="--lease 10 --scenes down,deaf,frozen,stale")
chosen=("$@")
[ $# -gt 0 ] || chosen=("${campaigns[@]}")

say() { printf 'campaigns: %s\n' "$*" >&2; }

say "building"
for program in neurogrid-coordinator neurogrid-agent neurogridctl neurogrid-load runner-child; do
    "${SWIFT:-swift}" build -c release --product "$program" >/dev/null
done
status=0
for campaign in "${chosen[@]}"; do
    [[ " ${campaigns[*]} " == *" $campaign "* ]] || {
        say "no campaign named $campaign: ${campaigns[*]}"
        exit 64
    }
    say "$campaign"
    result=0
    # shellcheck disable=SC2086 # the arguments are words
    NEUROGRID_BIN="$PWD/.build/release" PYTHONDONTWRITEBYTECODE=1 .build/venv/bin/python \
        "Tests/Campaigns/$campaign.py" ${ARGUMENTS:-${SHORT:+${short[$campaign]}}} || result=$?
    # What could not be run has not passed, and has not failed.
    if [ "$result" -eq 69 ]; then
        say "$campaign could not be run here"
        [ "$status" -ne 0 ] || status=69
    elif [ "$result" -ne 0 ]; then
        status=1
    fi
done
exit "$status"
