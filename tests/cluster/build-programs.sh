#!/usr/bin/env bash
# build-programs.sh OUT NAME...: builds these programs of the workspace into OUT, static and without symbols.
#
# PROFILE   cargo's profile (release)
set -euo pipefail

OUT=$(realpath -m "${1:?the folder to write to}")
shift
: "${PROFILE:=release}"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/cluster/static.sh

cargo build --locked --profile "$PROFILE" "${@/#/--bin=}"
mkdir -p "$OUT"
for program in "$@"; do strip -o "$OUT/$program" "$target_folder/$CARGO_BUILD_TARGET/${PROFILE/#dev/debug}/$program"; done
