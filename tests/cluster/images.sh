#!/usr/bin/env bash
# images.sh OUT: builds the images as OCI archives into OUT, without a container engine. The same sources, compiler and
# certificates give the same digests.
#
# REGISTRY  the registry part of the images' names (local.test)
# EXTRA     `upstream` adds the providers of the tests' clusters
# PROFILE   cargo's profile (release)
set -euo pipefail

OUT=$(realpath -m "${1:?the folder to write to}")
: "${REGISTRY:=local.test}" "${EXTRA:=}"
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VERSION=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$HERE/../../Cargo.toml")

# image NAME PROGRAM...: the first program is what it runs.
image() {
  local name=$1 program files=()
  shift
  for program in "$@"; do files+=(--file "$OUT/$program=/usr/local/bin/$program"); done
  python3 "$HERE/mkimage.py" --output "$OUT/$name.tar" --name "$REGISTRY/$name:$VERSION" --user 65532:65532 \
    --entrypoint "/usr/local/bin/$1" "${files[@]}" --file "$HERE/passwd=/etc/passwd" \
    --file /etc/ssl/certs/ca-certificates.crt=/etc/ssl/certs/ca-certificates.crt \
    --label "org.opencontainers.image.version=$VERSION" --label org.opencontainers.image.licenses=Apache-2.0
}

"$HERE/build-programs.sh" "$OUT" aigateway-proxy aigateway-operator kubectl-aigateway ${EXTRA:+aigateway-$EXTRA}
image aigateway-proxy aigateway-proxy
image aigateway-operator aigateway-operator kubectl-aigateway
[ -z "$EXTRA" ] || image "aigateway-$EXTRA" "aigateway-$EXTRA"
