#!/usr/bin/env bash
# prepare.sh [TOOLS]: makes this machine fit for a cluster of tests, its programs built into the folder TOOLS; without
# the folder it only looks. Where there can be no cluster, it prints the reason in one line and fails. What the builds
# say goes to standard error.
set -euo pipefail

TOOLS=${1:-}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

cannot() { echo "$1"; exit 1; }

[ "$(uname -s)" = Linux ] || cannot "a cluster needs Linux's namespaces, and this is $(uname -s)"
[ "$(id -u)" = 0 ] || cannot 'a cluster needs root'
unshare --mount --net --pid --uts --ipc --fork true 2>/dev/null || cannot 'root may not make namespaces here'
[ -e "$TOOLS/ready" ] || command -v go >/dev/null || cannot 'the programs of a cluster are built with Go, which is not here'
[ -z "$TOOLS" ] || "$HERE/build-tools.sh" "$TOOLS" >&2 || cannot "the programs of a cluster could not be built by $HERE/build-tools.sh"
