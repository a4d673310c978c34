# A node's namespaces, its place on the wire, and its end.

# To the scheduler of the machine all pods of a node are one group, beside each of its own processes, which weigh 1024
# each: this makes up for that.
SHARES=16384

# These are the machine's, not a namespace's: what the kubelet sets, and how many files may be watched, which a few
# nodes use up.
INSTANCES=fs.inotify.max_user_instances
SYSCTLS="vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys
  kernel.keys.root_maxbytes $INSTANCES"

# Where another cluster runs already, what it found is what the machine had.
set_sysctls() {
  local others=("${STATE%/*}"/kube-*/sysctls) name
  if [ -e "${others[0]}" ]; then
    cp "${others[0]}" "$STATE/sysctls"
  else
    for name in $SYSCTLS; do sysctl "$name"; done 2>/dev/null | tr -d ' ' >"$STATE/sysctls"
  fi
  [ "$(sysctl -n $INSTANCES)" -ge 8192 ] || sysctl -qw $INSTANCES=8192
}

# The last cluster to end puts the machine's values back.
restore_sysctls() {
  [ -e "$STATE/sysctls" ] || return 0
  mv "$STATE/sysctls" "$STATE/sysctls.last"
  local others=("${STATE%/*}"/kube-*/sysctls)
  [ -e "${others[0]}" ] || xargs sysctl -qw <"$STATE/sysctls.last" || true
}

make_node() {
  local n=$1 folder=$STATE/n$1 parent
  mkdir -p "$folder/log" "$folder/cni"
  setsid unshare --mount --net --pid --uts --ipc --fork --kill-child=KILL --mount-proc --propagation private \
    "$BIN/pause" </dev/null >/dev/null 2>&1 &
  parent=$!
  wait_for 10 grep -q . "/proc/$parent/task/$parent/children"
  tr -d ' ' <"/proc/$parent/task/$parent/children" >"$folder/pid"
  wire_node "$n"
  furnish_node "$n"
}

# Node 1 holds the wire: a bridge, kept up by a pair of links that leads nowhere. The others hang on it.
wire_node() {
  local n=$1 ip other
  ip=$(node_ip "$n")
  if [ "$n" = 1 ]; then
    in_network 1 bash -ec '
      ip link add wire type bridge
      ip link add w0 type veth peer name w0p
      ip link set w0 master wire
      ip link set w0 up
      ip link set w0p up'
  else
    in_network 1 ip link add "w$n" type veth peer name wire netns "$(node_pid "$n")"
    in_network 1 bash -ec "ip link set w$n master wire; ip link set w$n up"
  fi
  in_network "$n" bash -ec "
    ip addr add $ip/24 dev wire
    ip link set lo up
    ip link set wire up
    ip route add default dev wire src $ip"
  for other in $(nodes); do
    [ "$other" != "$n" ] && alive "$other" || continue
    in_network "$n" ip route replace "$PODS.$other.0/24" via "$(node_ip "$other")"
    in_network "$other" ip route replace "$PODS.$n.0/24" via "$ip"
  done
}

# Folders of its own where programs expect theirs, the sysctls of its network, and its cgroups.
furnish_node() {
  local n=$1
  in_node "$n" bash -ec "
    shares=/sys/fs/cgroup/cpu/$CGROUP$n/cpu.shares
    mount --make-rshared /
    for folder in /run /var/log /var/lib/cni /var/lib/kubelet; do
      mkdir -p \$folder
      mount -t tmpfs -o mode=755 tmpfs \$folder
    done
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    mkdir -p /run/containerd /run/lock
    hostname node$n
    sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.conf.all.rp_filter=0
    for controller in /sys/fs/cgroup/*/; do
      [ ! -e \$controller/tasks ] || mkdir -p \$controller/$CGROUP$n
    done
    cpus=/sys/fs/cgroup/cpuset
    [ ! -e \$cpus/cpuset.cpus ] || for file in cpus mems; do
      cat \$cpus/cpuset.\$file >\$cpus/$CGROUP$n/cpuset.\$file
    done
    [ ! -e \$shares ] || echo $SHARES >\$shares"
}

# Ends the process that holds the node's namespaces, and with it all that runs in them.
kill_node() {
  local pid
  pid=$(node_pid "$1" 2>/dev/null) || return 0
  kill -9 "$pid" 2>/dev/null || return 0
  wait_for 30 node_is_gone "$pid"
}

node_is_gone() { ! kill -0 "$1"; }

# The cgroup's processes take a moment to be gone.
remove_cgroup() {
  wait_for 30 cgroup_is_gone "$1"
}

cgroup_is_gone() {
  find "$1" -depth -type d -exec rmdir {} \; 2>/dev/null
  [ ! -d "$1" ]
}
