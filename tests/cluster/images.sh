#!/usr/bin/env bash
# images.sh OUT: builds the programs and puts each into an image, as an OCI archive in OUT. No container engine is
# needed. What is built is static and knows nothing of the folder that it was built in, so that the same sources and the
# same compiler give the same digest.
#
# PROFILE   cargo's profile (release)
# REGISTRY  the registry part of the images' names (local.test)
# EXTRA     more images: `upstream`, the providers of the tests' clusters
set -euo pipefail

OUT=$(realpath -m "${1:?the folder to write to}")
: "${PROFILE:=release}" "${REGISTRY:=local.test}" "${EXTRA:=}"
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
cd "$ROOT"
mkdir -p "$OUT"

VERSION=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
TARGET=$(rustc -vV | sed -n 's/^host: //p')
BUILT=$(realpath -m "${CARGO_TARGET_DIR:-target}")/$TARGET/${PROFILE/#dev/debug}

build() {
  local binaries=(--bin aigateway-proxy --bin aigateway-operator --bin kubectl-aigateway)
  [[ " $EXTRA " != *' upstream '* ]] || binaries+=(--bin aigateway-upstream)
  # A target of its own name keeps these flags from build scripts and macros, which can't be static.
  RUSTFLAGS="-C target-feature=+crt-static --remap-path-prefix=$ROOT=/src --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
    cargo build --locked --target "$TARGET" --profile "$PROFILE" "${binaries[@]}"
}

# image NAME PROGRAM...: the first program is what it runs. Certificates are those of this machine's Debian.
image() {
  local name=$1 program files=()
  shift
  for program in "$@"; do
    [ "$PROFILE" != dev ] || { strip -o "$OUT/$program" "$BUILT/$program"; }
    [ "$PROFILE" = dev ] || cp "$BUILT/$program" "$OUT/$program"
    files+=(--file "$OUT/$program=/usr/local/bin/$program")
  done
  python3 "$HERE/mkimage.py" --output "$OUT/$name.tar" --name "$REGISTRY/$name:$VERSION" --user 65532:65532 \
    --entrypoint "/usr/local/bin/$1" "${files[@]}" --file "$HERE/passwd=/etc/passwd" \
    --file /etc/ssl/certs/ca-certificates.crt=/etc/ssl/certs/ca-certificates.crt \
    --label "org.opencontainers.image.version=$VERSION" --label org.opencontainers.image.licenses=Apache-2.0
}

build
image aigateway-proxy aigateway-proxy
image aigateway-operator aigateway-operator kubectl-aigateway
[[ " $EXTRA " != *' upstream '* ]] || image aigateway-upstream aigateway-upstream
