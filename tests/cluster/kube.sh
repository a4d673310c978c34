#!/usr/bin/env bash
# A real Kubernetes of 1 to 9 nodes on one Linux machine, as root. Each node has mount, network, pid, uts and ipc
# namespaces of its own; nothing of it is seen outside of them, and nothing in them reaches the machine's network.
#
#   kube.sh up [N]             start a cluster of N nodes (1) and wait until all are Ready
#   kube.sh load ARCHIVE...    import OCI archives on every node; image names need a registry part
#   kube.sh kubectl ARG...     kubectl as the cluster's admin
#   kube.sh run CMD...         run a program of this machine in node 1's network, KUBECONFIG set: helm, tests
#   kube.sh sh [-N] CMD...     run CMD inside node N (1)
#   kube.sh join N | kill N    add a node, or end it as a power cut does
#   kube.sh cut N | heal N     cut a node's wire, and join it again
#   kube.sh logs N NAME        the tail of a component's log: kubelet, kube-apiserver, ...
#   kube.sh pid N              the process that holds node N's namespaces
#   kube.sh down               end every node and remove what they left; good for a cluster that is half there too
#
# BIN     the programs that build-tools.sh makes (must be set)
# NAME    the cluster's name (aigateway): clusters of different names stand beside each other
# STATE   where certificates, logs and images are (/var/tmp/kube-$NAME); not below /run, /var/log or /dev/shm,
#         which a node hides
# CNI     the folder of Debian's CNI plugins
# GRACE   seconds without a heartbeat until a node is NotReady (40)
# EVICT   seconds that a pod stays bound to a node that is gone (300)
set -euo pipefail

: "${BIN:?the folder of the programs}" "${NAME:=aigateway}" "${CNI:=/usr/lib/cni}" "${GRACE:=40}" "${EVICT:=300}"
: "${STATE:=/var/tmp/kube-$NAME}"
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PKI=$STATE/pki
CGROUP=kube-$NAME-
# RFC 2544's test range: nobody's network. The clusters' networks are apart, so all use the same.
NET=198.18.0 PODS=198.19 SERVICES=198.19.128
CONTROL=$NET.11
export PATH=$BIN:/usr/sbin:/sbin:$PATH

node_ip() { echo "$NET.$((10 + $1))"; }
node_pid() { cat "$STATE/n$1/pid"; }
in_node() { local n=$1; shift; nsenter -t "$(node_pid "$n")" -m -n -p -u -i "$@"; }
in_network() { local n=$1; shift; nsenter -t "$(node_pid "$n")" -n "$@"; }
nodes() { for folder in "$STATE"/n[1-9]; do [ ! -d "$folder" ] || echo "${folder##*/n}"; done; }
alive() { [ -s "$STATE/n$1/pid" ] && kill -0 "$(node_pid "$1")" 2>/dev/null; }
as_admin() { in_node 1 kubectl --cache-dir /run/kubectl --kubeconfig "$PKI/admin.kubeconfig" "$@"; }

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "timed out: $*" >&2; return 1; }
    sleep 0.2
  done
}

# A cluster is held against seconds, so it goes before other work of the machine; where each session is a group of its own
# to the scheduler, that is said of the session.
FIRST='{ renice -n -10 $$ && echo -10 >/proc/$$/autogroup; } >/dev/null 2>&1 || true'

# start NODE COMPONENT COMMAND...: in the background, with a log of its own.
start() {
  local n=$1 component=$2
  shift 2
  (
    exec nsenter -t "$(node_pid "$n")" -m -n -p -u -i setsid bash -c "$FIRST"'; exec "$@"' "$component" "$@" \
      >"$STATE/n$n/log/$component.log" 2>&1 </dev/null
  ) &
}

for part in pki node worker control; do source "$HERE/kube/$part.sh"; done

node_is_ready() {
  [ "$(as_admin get node "node$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]
}

up() {
  local count=${1:-1} n
  [ -z "$(nodes)" ] || { echo "there is a cluster in $STATE already: kube.sh down" >&2; return 1; }
  mkdir -p "$STATE"
  set_sysctls
  make_pki
  make_node 1
  start_control_plane
  start_worker 1
  for n in $(seq 2 "$count"); do make_node "$n"; start_worker "$n"; done
  for n in $(seq "$count"); do wait_for 120 node_is_ready "$n"; done
  wait_for 60 as_admin get serviceaccount default
  # While an API of the cluster does not answer, no namespace can be deleted.
  wait_for 60 as_admin get --raw /apis/metrics.k8s.io/v1beta1
  load "$BIN/pause.tar"
}

join() { make_node "$1"; start_worker "$1"; wait_for 120 node_is_ready "$1"; load_on "$1" "$BIN/pause.tar"; }

load_on() {
  local n=$1 archive
  shift
  for archive in "$@"; do in_node "$n" ctr -n k8s.io images import "$archive" >/dev/null; done
}

load() {
  local archives n
  archives=$(realpath "$@")
  for n in $(nodes); do ! alive "$n" || load_on "$n" $archives; done
}

down() {
  local n folder
  for n in $(nodes); do kill_node "$n"; done
  for folder in /sys/fs/cgroup/*/"$CGROUP"*; do [ ! -d "$folder" ] || remove_cgroup "$folder"; done
  restore_sysctls
  rm -rf "$STATE"
  rmdir /var/lib/cni /var/lib/kubelet 2>/dev/null || true
}

command=${1:-}
shift || true
case $command in
  up | load | join | down) "$command" "$@" ;;
  kubectl) as_admin "$@" ;;
  run) in_network 1 env KUBECONFIG="$PKI/admin.kubeconfig" "$@" ;;
  sh) n=1; case $1 in -[1-9]) n=${1#-}; shift ;; esac; in_node "$n" "$@" ;;
  kill) kill_node "$1"; rm -rf "${STATE:?}/n$1"; in_network 1 ip link delete "w$1" 2>/dev/null || true ;;
  cut) in_network 1 ip link set "w$1" down ;;
  heal) in_network 1 ip link set "w$1" up ;;
  logs) tail -n "${3:-30}" "$STATE/n$1/log/$2.log" ;;
  pid) node_pid "$1" ;;
  *) sed -n '2,26s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
