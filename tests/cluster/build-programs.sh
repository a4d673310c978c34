#!/usr/bin/env bash
# build-programs.sh OUT NAME...: builds these programs of the workspace into OUT, static, so that an image needs nothing
# beside them. They know nothing of the folder that they were built in: the same sources and the same compiler give the
# same bytes.
#
# PROFILE   cargo's profile (release); symbols are stripped from that of any other too
set -euo pipefail

OUT=$(realpath -m "${1:?the folder to write to}")
shift
: "${PROFILE:=release}" "${CFLAGS:=}"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=$(rustc -vV | sed -n 's/^host: //p')
folder=$(realpath -m "${CARGO_TARGET_DIR:-target}")
built=$folder/$target/${PROFILE/#dev/debug}
registry=${CARGO_HOME:-$HOME/.cargo}

# With a target named, cargo keeps these flags from build scripts and macros, which can't be static. Of two prefixes that
# fit, rustc takes the last.
flags=(-C target-feature=+crt-static
  --remap-path-prefix="$registry=/cargo" --remap-path-prefix="$PWD=/aigateway" --remap-path-prefix="$folder=/target")
for map in "$registry=/cargo" "$PWD=/aigateway" "$folder=/target"; do CFLAGS+=" -ffile-prefix-map=$map"; done
export CFLAGS

RUSTFLAGS="${flags[*]}" cargo build --locked --target "$target" --profile "$PROFILE" "${@/#/--bin=}"
mkdir -p "$OUT"
for program in "$@"; do strip -o "$OUT/$program" "$built/$program"; done
