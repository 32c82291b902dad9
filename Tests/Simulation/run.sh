#!/bin/bash
# Lives seeded histories of a whole grid: run.sh SEEDS [BUG] [SCENARIO]. With a bug's name a build that has it planted
# must find it within SEEDS; `all` tries every one and prints a table. The scenario `fraud` has cheating providers and
# fails where more of the pay is fraud, or finding it costs more, than is promised. No SEEDS: as many as is usual.
set -euo pipefail
cd "$(dirname "$0")/../.."
seeds=${1:-}
bug=${2:-}
scenario=${3:-}
swift=${SWIFT:-swift}
jobs=$(nproc)
case $scenario in
    '') seeds=${seeds:-100000} ;;
    fraud) seeds=${seeds:-20} ;;
    *)
        echo "there is no scenario $scenario; fraud is one" >&2
        exit 64
        ;;
esac

if [[ -n $scenario ]]; then
    "$swift" build -c release --product neurogrid-simulate
    exec .build/release/neurogrid-simulate --"$scenario" --seeds "$seeds" --jobs "$jobs"
fi

if [[ -z $bug ]]; then
    "$swift" build -c release --product neurogrid-simulate
    exec .build/release/neurogrid-simulate --seeds "$seeds" --jobs "$jobs"
fi

# A folder of its own: the products of the two builds must never be mixed up.
export NEUROGRID_PLANTED_BUGS=1
"$swift" build -c release --product neurogrid-simulate --scratch-path .build/planted
program=.build/planted/release/neurogrid-simulate
if [[ $bug != all ]]; then
    bugs=("$bug")
else
    mapfile -t bugs < <("$program" --list-bugs)
fi
missed=0
echo "| Bug | found at seed | as |"
echo "|---|---|---|"
for name in "${bugs[@]}"; do
    if found=$("$program" --bug "$name" --seeds "$seeds" --jobs "$jobs" 2>&1); then
        echo "| $name | not within $seeds | |"
        missed=$((missed + 1))
    else
        line=$(grep -a -m 1 '^seed ' <<<"$found" || echo "seed ?, trapped")
        echo "| $name | $(sed 's/^seed \([0-9?]*\),.*/\1/' <<<"$line") | ${line#*: } |"
    fi
done
exit $((missed > 0))
