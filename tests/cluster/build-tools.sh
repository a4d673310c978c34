#!/usr/bin/env bash
# build-tools.sh OUT: every program of a test cluster, into OUT: Debian's container runtime and network tools, and the
# Go programs built from their modules, static. Needs root and Go 1.26. Cold on two cores 10 minutes, with 3 GB of
# modules and 5 GB of Go's build cache. Where OUT is ready, only what Debian's packages lack is installed.
set -euo pipefail

KUBERNETES=1.36.4
COREDNS=1.14.7
METRICS_SERVER=0.9.0

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUT=$(realpath -m "${1:?the folder to build into}")
mkdir -p "$OUT"

# Debian's parts, with the netfilter tools that kube-proxy calls.
debian_parts() {
  command -v containerd runc conntrack iptables nft ip gcc openssl >/dev/null && [ -x /usr/lib/cni/bridge ] || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      containerd runc containernetworking-plugins iptables nftables conntrack iproute2 gcc libc6-dev openssl
  }
}

go_programs() {
  export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-trimpath GOBIN=$OUT
  local small='-s -w' version='' package
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    version+=" -X $package.gitVersion=v$KUBERNETES -X $package.gitMajor=1 -X $package.gitMinor=${KUBERNETES:2:2}"
    version+=" -X $package.gitTreeState=clean"
  done
  (
    cd "$HERE/tools/kubernetes"
    go build -mod=readonly -ldflags "$small$version" -o "$OUT/" \
      k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy,kubectl}
  )
  (cd "$HERE/tools/etcd" && go build -mod=readonly -ldflags "$small" -o "$OUT/etcd" go.etcd.io/etcd/server/v3)
  cd /
  go install -ldflags "$small" "github.com/coredns/coredns@v$COREDNS"
  go install -ldflags "$small" "sigs.k8s.io/metrics-server/cmd/metrics-server@v$METRICS_SERVER"
}

# The container that holds a pod's namespaces; its program is each node's first process too.
pause_image() {
  gcc -Os -static -s -o "$OUT/pause" "$HERE/pause.c"
  python3 "$HERE/mkimage.py" --output "$OUT/pause.tar" --name local.test/pause:1 --entrypoint /pause \
    --file "$OUT/pause=/pause"
}

debian_parts
[ ! -e "$OUT/ready" ] || exit 0
for program in containerd ctr containerd-shim-runc-v2 runc; do ln -sf "$(command -v $program)" "$OUT/$program"; done
pause_image
go_programs
touch "$OUT/ready"
