#!/usr/bin/env bash
# record.sh: writes the profile of this machine's architecture anew. README.md beside it says what it is.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$HERE/../.."
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

host=$(rustc -vV | sed -n 's/^host: //p')
merge=$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata
[ -x "$merge" ] || { echo "there is no $merge: rustup component add llvm-tools" >&2; exit 1; }

# What the bench itself runs is noted too, and does no harm: it shares some libraries with the proxy, not their load.
CODE_PROFILE="-Cprofile-generate=$WORK/counts" tests/cluster/build-programs.sh "$WORK/programs" aigateway-proxy aigateway-bench
"$WORK/programs/aigateway-bench" train --proxy "$WORK/programs/aigateway-proxy"
"$merge" merge --sparse --output "$HERE/${host%%-*}.profdata" "$WORK/counts"
ls -l "$HERE"
