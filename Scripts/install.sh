#!/usr/bin/env bash
# Installs programs, units and users under PREFIX, below DESTDIR when packaging. Build first: make release.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly prefix="${PREFIX:-/usr/local}"
readonly root="${DESTDIR:-}"
readonly built=.build/release
readonly programs=(neurogrid-coordinator neurogrid-agent neurogridctl)

say() { printf 'install: %s\n' "$*"; }

# Puts one file in place: mode, source, target.
place() {
    install -D -m "$1" "$2" "$root$3"
    say "$root$3"
}

for program in "${programs[@]}"; do
    if [ ! -x "$built/$program" ]; then
        printf 'install: %s/%s is missing; run: make release\n' "$built" "$program" >&2
        exit 1
    fi
done

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
for program in "${programs[@]}"; do
    cp "$built/$program" "$scratch/$program"
    ! command -v strip >/dev/null || strip "$scratch/$program"
    place 0755 "$scratch/$program" "$prefix/bin/$program"
done
for daemon in coordinator agent; do
    sed "s,=/usr/local/bin/,=$prefix/bin/," "systemd/neurogrid-$daemon.service" >"$scratch/unit"
    place 0644 "$scratch/unit" "$prefix/lib/systemd/system/neurogrid-$daemon.service"
    place 0644 "systemd/neurogrid-$daemon.sysusers" "$prefix/lib/sysusers.d/neurogrid-$daemon.conf"
    # An operator's settings are never overwritten.
    [ -e "$root/etc/neurogrid/$daemon.json5" ] ||
        place 0644 "systemd/$daemon.json5" "/etc/neurogrid/$daemon.json5"
done
# It holds a join token for the first start.
[ -e "$root/etc/neurogrid/agent.env" ] || place 0600 systemd/agent.env /etc/neurogrid/agent.env

if [ -z "$root" ] && [ -d /run/systemd/system ]; then
    for daemon in coordinator agent; do systemd-sysusers "$prefix/lib/sysusers.d/neurogrid-$daemon.conf"; done
    systemctl daemon-reload
    say "next: edit /etc/neurogrid/, then: systemctl enable --now neurogrid-coordinator (or neurogrid-agent)"
fi
