# The control plane, on node 1: etcd, the API server, its controllers, the scheduler, DNS, and pods' metrics.

start_control_plane() {
  # The cluster lives for minutes: its store is memory, and nothing of it is synced.
  start 1 etcd etcd --data-dir /dev/shm/etcd --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
  start_api_server
  wait_for 180 as_admin get --raw /readyz
  start_controllers
  start_dns
  start_metrics
}

# A fifth of its time would go into collecting garbage, of which the machine can hold more.
start_api_server() {
  start 1 kube-apiserver env GOGC=400 kube-apiserver --etcd-servers=http://127.0.0.1:2379 --allow-privileged=true \
    --advertise-address="$CONTROL" --secure-port=6443 --service-cluster-ip-range="$SERVICES.0/20" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --client-ca-file="$PKI/ca.crt" --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
    --kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --kubelet-client-certificate="$PKI/apiserver-kubelet-client.crt" \
    --kubelet-client-key="$PKI/apiserver-kubelet-client.key" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" \
    --requestheader-client-ca-file="$PKI/ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group \
    --requestheader-username-headers=X-Remote-User --proxy-client-cert-file="$PKI/front-proxy-client.crt" \
    --proxy-client-key-file="$PKI/front-proxy-client.key" \
    --default-not-ready-toleration-seconds="$EVICT" --default-unreachable-toleration-seconds="$EVICT" \
    --audit-policy-file="$HERE/kube/audit-policy.yaml" --audit-log-path="$STATE/n1/log/audit.log" \
    --audit-log-maxsize=2000
}

start_controllers() {
  local component config
  for component in controller-manager scheduler; do
    config=$PKI/$component.kubeconfig
    local flags=("--kubeconfig=$config" "--authentication-kubeconfig=$config" "--authorization-kubeconfig=$config"
      --leader-elect=false --bind-address=127.0.0.1)
    [ "$component" = scheduler ] || flags+=(--use-service-account-credentials=true
      "--service-account-private-key-file=$PKI/sa.key" "--root-ca-file=$PKI/ca.crt"
      "--cluster-signing-cert-file=$PKI/ca.crt" "--cluster-signing-key-file=$PKI/ca.key"
      "--node-monitor-grace-period=${GRACE}s" --horizontal-pod-autoscaler-sync-period=5s)
    start 1 "kube-$component" "kube-$component" "${flags[@]}"
  done
}

start_dns() {
  cat >"$STATE/Corefile" <<END
cluster.local:53 in-addr.arpa:53 {
  bind $CONTROL
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig $PKI/admin.kubeconfig test
    ttl 5
  }
  cache 5
}
END
  start 1 coredns coredns -conf "$STATE/Corefile"
}

# Outside of the cluster's pods, as the rest; autoscalers read it.
start_metrics() {
  local config=$PKI/admin.kubeconfig
  start 1 metrics-server metrics-server --kubeconfig "$config" --authentication-kubeconfig "$config" \
    --authorization-kubeconfig "$config" --secure-port 4443 --cert-dir "$STATE/metrics-server" --kubelet-insecure-tls \
    --kubelet-preferred-address-types InternalIP --metric-resolution 10s --kubelet-request-timeout 5s
  as_admin apply -f "$HERE/kube/metrics-server.yaml" >/dev/null
}
