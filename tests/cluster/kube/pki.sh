# Certificates and kubeconfigs of the cluster, made anew for each.

# certificate FILE NAME ORGANISATION ALTERNATIVE_NAMES USAGE
certificate() {
  local file=$PKI/$1
  openssl ecparam -name prime256v1 -genkey -noout -out "$file.key"
  openssl req -new -key "$file.key" -subj "${3:+/O=$3}/CN=$2" -out "$file.csr"
  printf 'keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=%s\n%s' \
    "${5:-clientAuth}" "${4:+subjectAltName=$4}" >"$file.ext"
  openssl x509 -req -in "$file.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -set_serial "0x$(openssl rand -hex 8)" \
    -days 3650 -extfile "$file.ext" -out "$file.crt" 2>/dev/null
  rm "$file.csr" "$file.ext"
}

kubeconfig() {
  cat >"$PKI/$1.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://$CONTROL:6443", certificate-authority: $PKI/ca.crt}}]
users: [{name: $1, user: {client-certificate: $PKI/$1.crt, client-key: $PKI/$1.key}}]
contexts: [{name: test, context: {cluster: test, user: $1}}]
current-context: test
END
}

make_pki() {
  local names user
  mkdir -p -m 700 "$PKI"
  openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/ca.key"
  openssl req -x509 -new -key "$PKI/ca.key" -subj /CN=kubernetes-ca -days 3650 -out "$PKI/ca.crt"
  names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
  certificate apiserver kube-apiserver "" \
    "$names,DNS:localhost,IP:127.0.0.1,IP:$CONTROL,IP:$SERVICES.1" serverAuth
  certificate apiserver-kubelet-client kube-apiserver-kubelet-client system:masters
  certificate front-proxy-client front-proxy-client
  certificate admin admin system:masters
  certificate controller-manager system:kube-controller-manager
  certificate scheduler system:kube-scheduler
  certificate proxy system:kube-proxy
  for user in admin controller-manager scheduler proxy; do kubeconfig "$user"; done
  openssl genrsa -out "$PKI/sa.key" 2048 2>/dev/null
  openssl rsa -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub" 2>/dev/null
}
