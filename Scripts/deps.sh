#!/usr/bin/env bash
# Installs what the build and the tests need on Debian, asking for nothing and saying what it changes.
# Quick and silent about what is already there. The Swift toolchain is the one prerequisite.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly minimum_swift="6.2"
readonly requirements="Tests/Clients/requirements.txt"
readonly venv=".build/venv"
readonly tools=".build/tools"
readonly nvml_header="/usr/local/include/nvml.h"
# Only the tests of the apt rewriting point this elsewhere.
readonly apt_directory="${NEUROGRID_APT_DIRECTORY:-/etc/apt}"
readonly added_sources="neurogrid-non-free"

say() { printf 'deps: %s\n' "$*"; }
fail() {
    printf 'deps: %s\n' "$*" >&2
    exit 1
}

# Runs a command as root, without ever asking for a password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n -- "$@"
    else
        fail "this needs root, and sudo is absent or asks for a password; run 'make deps' once as root. Wanted: $*"
    fi
}

require_swift() {
    command -v swift >/dev/null || fail "no 'swift' in PATH: install Swift $minimum_swift or newer from swift.org"
}

# Asked once the packages are there: on a bare Debian the toolchain cannot run without them.
require_swift_version() {
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1) || true
    [ -n "$version" ] || fail "'swift --version' names no version: install Swift $minimum_swift or newer from swift.org"
    [ "$(printf '%s\n' "$minimum_swift" "$version" | sort -V | head -n 1)" = "$minimum_swift" ] ||
        fail "Swift $version is too old: install Swift $minimum_swift or newer from swift.org"
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Package indexes are read once a run, and only when something is missing.
indexes_read=no
read_indexes() {
    [ "$indexes_read" = no ] || return 0
    say "reading the package indexes (apt-get update)"
    as_root apt-get update -qq || fail "apt-get update failed"
    indexes_read=yes
}

install_packages() {
    local missing=() package
    # The first two lines are what the Swift toolchain itself runs and links with on Debian.
    for package in binutils g++ libc6-dev libcurl4 libedit2 libncurses6 libxml2 libz3-4 tzdata unzip \
        git make gcc pkg-config procps strace iproute2 ca-certificates python3 python3-venv \
        libssl-dev libsqlite3-dev libsystemd-dev zlib1g-dev; do
        is_installed "$package" || missing+=("$package")
    done
    command -v node >/dev/null || missing+=(nodejs)
    # Documents of other platforms have examples for it, which the tests run.
    command -v curl >/dev/null || missing+=(curl)
    # What the JavaScript library's tests run it with; the library itself needs nothing.
    for package in ws typescript react react-test-renderer; do
        [ -d "/usr/share/nodejs/$package" ] || missing+=("node-$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "this is not a Debian system; install the equivalents of: ${missing[*]}"
    read_indexes
    say "installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null || fail "apt-get install failed"
}

# Prints the machine's own Debian entries of the deb822 files named, with the non-free component alone.
non_free_stanzas() {
    awk -v codename="$1" '
        function flush_stanza() {
            if (is_deb && is_main && is_suite && !is_off) printf "%s%sComponents: non-free\n", (count++ ? "\n" : ""), kept
            kept = ""; is_deb = is_main = is_suite = is_off = 0; field = ""
        }
        FNR == 1 { flush_stanza() }
        /^#/ { next }
        /^[ \t]*$/ { flush_stanza(); next }
        /^[^ \t]/ { field = tolower($0); sub(/:.*/, "", field) }
        {
            value = tolower($0); sub(/^[^ \t][^:]*:/, "", value); words = split(value, word, /[ \t]+/)
            for (i = 1; i <= words; i++) {
                if (field == "types" && word[i] == "deb") is_deb = 1
                if (field == "components" && word[i] == "main") is_main = 1
                if (field == "enabled" && word[i] == "no") is_off = 1
                if (field == "suites" && word[i] ~ ("^" codename "(-updates|-security|/updates)?$")) is_suite = 1
            }
            if (field == "types") { if ($0 ~ /^[^ \t]/) kept = kept "Types: deb\n" }
            else if (field != "components") kept = kept $0 "\n"
        }
        END { flush_stanza() }
    ' "${@:2}"
}

# The same for the one-line format.
non_free_lines() {
    awk -v codename="$1" '
        $1 != "deb" { next }
        {
            at = 2
            if ($2 ~ /^\[/) { while ($at !~ /\]$/ && at < NF) at++; at++ }
            if ($(at + 1) !~ ("^" codename "(-updates|-security|/updates)?$")) next
            for (i = at + 2; i <= NF; i++) if ($i == "main") {
                line = "deb"
                for (j = 2; j <= at + 1; j++) line = line " " $j
                print line " non-free"
                next
            }
        }
    ' "${@:2}"
}

# Whether some enabled source already offers non-free.
offers_non_free() {
    grep -rhsE '^(deb[[:space:]]|Components:)' "$apt_directory/sources.list" "$apt_directory/sources.list.d" \
        --include='*.list' --include='*.sources' | grep -qE '[[:space:]]non-free([[:space:]]|$)'
}

# Adds the non-free component, in files of its own, derived from the Debian entries this machine already has.
add_non_free() {
    local codename deb822 one_line stanzas lines
    ! offers_non_free || return 0
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    [ -n "$codename" ] || fail "/etc/os-release names no Debian release"
    shopt -s nullglob
    deb822=("$apt_directory"/sources.list.d/*.sources)
    one_line=("$apt_directory"/sources.list.d/*.list)
    shopt -u nullglob
    [ ! -f "$apt_directory/sources.list" ] || one_line+=("$apt_directory/sources.list")
    stanzas="" lines=""
    [ "${#deb822[@]}" -eq 0 ] || stanzas=$(non_free_stanzas "$codename" "${deb822[@]}")
    [ "${#one_line[@]}" -eq 0 ] || lines=$(non_free_lines "$codename" "${one_line[@]}" | sort -u)
    [ -n "$stanzas$lines" ] || fail "found no Debian source with the main component to derive non-free from"
    if [ -n "$stanzas" ]; then
        printf '%s\n' "$stanzas" | as_root tee "$apt_directory/sources.list.d/$added_sources.sources" >/dev/null
        say "added the non-free component: $apt_directory/sources.list.d/$added_sources.sources"
    fi
    if [ -n "$lines" ]; then
        printf '%s\n' "$lines" | as_root tee "$apt_directory/sources.list.d/$added_sources.list" >/dev/null
        say "added the non-free component: $apt_directory/sources.list.d/$added_sources.list"
    fi
    indexes_read=no
}

# NVML's header. The package that ships it would pull in NVIDIA's GLX alternatives, which have no business on a
# build machine and would disturb a GPU host, so the one header is taken out of it.
install_nvml_header() {
    local found directory
    for found in "$nvml_header" /usr/include/nvml.h; do
        [ ! -f "$found" ] || return 0
    done
    command -v apt-get >/dev/null || fail "put NVIDIA's nvml.h in $nvml_header"
    add_non_free
    read_indexes
    directory=$(mktemp -d)
    # apt's own unprivileged user writes here.
    chmod 0777 "$directory"
    (cd "$directory" && apt-get download -qq libnvidia-ml-dev >/dev/null) ||
        fail "apt-get download libnvidia-ml-dev failed"
    dpkg-deb --fsys-tarfile "$directory"/libnvidia-ml-dev_*.deb | tar -xf - -C "$directory" --wildcards '*/nvml.h'
    as_root install -D -m 0644 "$(find "$directory" -name nvml.h | head -n 1)" "$nvml_header"
    rm -rf -- "$directory"
    say "installed $nvml_header, taken out of libnvidia-ml-dev (the package itself is not installed)"
}

# promtool checks what /metrics says. Its package would start a server of its own here, so the one program is taken out.
install_promtool() {
    local directory
    if command -v promtool >/dev/null || [ -x "$tools/promtool" ]; then return 0; fi
    command -v apt-get >/dev/null || fail "put Prometheus' promtool in $tools"
    read_indexes
    directory=$(mktemp -d)
    # apt's own unprivileged user writes here.
    chmod 0777 "$directory"
    (cd "$directory" && apt-get download -qq prometheus >/dev/null) || fail "apt-get download prometheus failed"
    mkdir -p "$tools"
    dpkg-deb --fsys-tarfile "$directory"/prometheus_*.deb | tar -xf - -C "$directory" ./usr/bin/promtool
    mv "$directory/usr/bin/promtool" "$tools/promtool"
    rm -rf -- "$directory"
    say "installed $tools/promtool, taken out of prometheus (the package itself is not installed)"
}

# The third-party clients' Python packages, in a virtual environment of the build folder.
make_venv() {
    local python=/usr/bin/python3
    [ -x "$python" ] || python=python3
    if [ -x "$venv/bin/python" ] && cmp -s "$requirements" "$venv/requirements.txt"; then return 0; fi
    say "making $venv with $(tr '\n' ' ' <"$requirements")"
    rm -rf -- "$venv"
    mkdir -p .build
    "$python" -m venv "$venv" || fail "python3 -m venv failed"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" ||
        fail "pip install failed; the tests need $requirements"
    cp "$requirements" "$venv/requirements.txt"
}

main() {
    require_swift
    install_packages
    require_swift_version
    install_nvml_header
    install_promtool
    make_venv
}

# Sourced by its tests, run by make.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then main "$@"; fi
