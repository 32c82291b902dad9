#!/usr/bin/env bash
# Builds the fuzz targets with libFuzzer and AddressSanitizer into .build/fuzz. Arguments: targets; none means all.
#
# The package manager links a main of its own over libFuzzer's, so the compiler is driven from here: each module as an
# archive, rebuilt when it or one below it has changed.
set -euo pipefail
cd "$(dirname "$0")/../.."

swiftc="${SWIFT:-swift}c"
out=.build/fuzz
mkdir -p "$out"
flags=(
    -swift-version 6 -O -g -whole-module-optimization -parse-as-library -enable-testing
    -assert-config Debug -sanitize=address,fuzzer -use-ld=lld
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
    -enable-upcoming-feature InternalImportsByDefault
    -I "$out"
)
for map in Sources/*/module.modulemap; do flags+=(-I "$(dirname "$map")"); done

below=()
archives=()

# Builds a module from a folder, if need be.
module() {
    local name=$1 folder=$2 archive=$out/lib$1.a
    local changed
    changed=$(find "$folder" Tests/Fuzz/build.sh "${below[@]}" -newer "$archive" -print -quit 2>/dev/null || echo all)
    if [ -n "$changed" ]; then
        echo "fuzz: compiling $name"
        local sources=()
        while IFS= read -r source; do sources+=("$source"); done < <(find "$folder" -name '*.swift' | sort)
        "$swiftc" "${flags[@]}" -module-name "$name" -emit-module -emit-module-path "$out/$name.swiftmodule" \
            -emit-object -o "$out/$name.o" "${sources[@]}"
        rm -f "$archive"
        ar rcs "$archive" "$out/$name.o"
    fi
    below+=("$archive")
    archives=("$archive" "${archives[@]}")
}

for name in Bytes Grid Web Wire Access Service; do module "$name" "Sources/$name"; done
module FuzzTargets Tests/Fuzz/Targets

for entry in Tests/Fuzz/Entries/*.swift; do
    name=$(basename "$entry" .swift)
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    program=$out/fuzz-$name
    [ -n "$(find "$entry" "${below[@]}" -newer "$program" -print -quit 2>/dev/null || echo all)" ] || continue
    echo "fuzz: linking $name"
    "$swiftc" "${flags[@]}" -module-name Entry -o "$program" "$entry" "${archives[@]}"
done
