#!/usr/bin/env bash
# The whole test suite under a sanitizer, programs that tests start included. Argument: thread or address.
#
# Every process writes what it finds to a file of its own: a program that a test kills cannot tell by its status.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizer=${1:?usage: sanitize.sh thread|address [ARGUMENTS OF swift test]}
shift
swift=${SWIFT:-swift}
case $sanitizer in
    thread) scratch=.build/tsan ;;
    address) scratch=.build/asan ;;
    *)
        echo "sanitize: $sanitizer is neither thread nor address" >&2
        exit 64
        ;;
esac
findings=$PWD/$scratch/findings
rm -rf -- "$findings"
mkdir -p "$findings"
options="log_path=$findings/$sanitizer exitcode=66"
# Swift's runtime leaves out what memcpy, send and their like read and write, unless it is told: the segments' bytes.
export TSAN_OPTIONS="$options ignore_interceptors_accesses=0"
TSAN_OPTIONS+=" suppressions=$PWD/Tests/Sanitizers/thread.supp second_deadlock_stack=1"
# Freed memory is kept from use for a while, but no more of it than lets a bound on a program's memory mean something.
export ASAN_OPTIONS="$options detect_leaks=1 detect_stack_use_after_return=0 quarantine_size_mb=16"
export LSAN_OPTIONS="suppressions=$PWD/Tests/Sanitizers/leak.supp print_suppressions=0"
# The runtime's own backtrace of a crash takes minutes here and says less.
export SWIFT_BACKTRACE=enable=no
export NEUROGRID_BIN=$PWD/$scratch/debug

# The build's own tools are none of ours: their leaks are not looked for.
LSAN_OPTIONS=detect_leaks=0 ASAN_OPTIONS=detect_leaks=0 \
    "$swift" build --build-tests --sanitize="$sanitizer" --scratch-path "$scratch"
status=0
"$swift" test --skip-build --disable-xctest --sanitize="$sanitizer" --scratch-path "$scratch" "$@" || status=$?

count=$(find "$findings" -type f | wc -l)
if [ "$count" -gt 0 ]; then
    grep -hE '^SUMMARY: ' "$findings"/* | sort | uniq -c | sort -rn
    status=1
fi
echo "sanitize: $sanitizer: $count processes with findings, tests ended with $status"
exit "$status"
