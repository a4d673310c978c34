# What makes a node a worker: containerd, the kubelet and kube-proxy.

start_worker() {
  local n=$1 folder=$STATE/n$1
  write_cni "$n"
  write_containerd "$n"
  write_kubelet "$n"
  write_kube_proxy "$n"
  start "$n" containerd containerd --config "$folder/containerd.toml" --log-level info
  wait_for 30 in_node "$n" ctr -n k8s.io version
  start "$n" kubelet kubelet --config="$folder/kubelet.yaml" --kubeconfig="$PKI/node$n.kubeconfig" \
    --hostname-override="node$n" --node-ip="$(node_ip "$n")" --root-dir="$folder/kubelet"
  start "$n" kube-proxy kube-proxy --config="$folder/kube-proxy.yaml"
}

write_cni() {
  cat >"$STATE/n$1/cni/10-bridge.conflist" <<END
{"cniVersion": "0.4.0", "name": "bridge", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$PODS.$1.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": "/run/cni-ipam"}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
}

# For containerd 1.6 and 1.7, Debian 12's and 13's. Without CAP_SYS_RESOURCE nobody may lower an out-of-memory score,
# and runc gives up on trying: hence restrict_oom_score_adj.
write_containerd() {
  local folder=$STATE/n$1
  cat >"$folder/containerd.toml" <<END
version = 2
root = "$folder/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$folder/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "local.test/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$CNI"
    conf_dir = "$folder/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "$BIN/runc"
        SystemdCgroup = false
END
}

write_kubelet() {
  local n=$1 folder=$STATE/n$1 ip
  ip=$(node_ip "$n")
  if [ ! -e "$PKI/node$n.crt" ]; then
    certificate "node$n" "system:node:node$n" system:nodes
    certificate "kubelet$n" "node$n" "" "DNS:node$n,IP:$ip" serverAuth
    kubeconfig "node$n"
  fi
  echo 'search .' >"$folder/resolv.conf"
  cat >"$folder/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP$n
enforceNodeAllocatable: [pods]
failSwapOn: false
maxPods: 250
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $PKI/kubelet$n.crt
tlsPrivateKeyFile: $PKI/kubelet$n.key
clusterDomain: cluster.local
clusterDNS: ["$CONTROL"]
resolvConf: $folder/resolv.conf
podLogsDir: /var/log/pods
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard:
  {memory.available: 100Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%, imagefs.inodesFree: 1%}
nodeStatusUpdateFrequency: 5s
nodeLeaseDurationSeconds: $((GRACE > 40 ? 40 : GRACE))
END
}

write_kube_proxy() {
  cat >"$STATE/n$1/kube-proxy.yaml" <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
nftables: {minSyncPeriod: 100ms}
clientConnection: {kubeconfig: $PKI/proxy.kubeconfig}
clusterCIDR: $PODS.0.0/17
hostnameOverride: node$1
nodePortAddresses: ["$(node_ip "$1")/32"]
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
metricsBindAddress: 127.0.0.1:10249
END
}
