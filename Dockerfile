# The two images, for those who have a container engine; `make images` makes the same without one.
#
#   docker build --target proxy -t registry.example/aigateway-proxy:0.1.0 .
#   docker build --target operator -t registry.example/aigateway-operator:0.1.0 .

FROM rust:1.95 AS build
WORKDIR /aigateway
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/aigateway/target \
    tests/cluster/build-programs.sh /programs aigateway-proxy aigateway-operator kubectl-aigateway

# Static programs, certificates and a name for the user: no shell, no package manager, nothing to update.
FROM scratch AS base
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY tests/cluster/passwd /etc/passwd
USER 65532:65532

FROM base AS operator
COPY --from=build /programs/aigateway-operator /programs/kubectl-aigateway /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/aigateway-operator"]

FROM base AS proxy
COPY --from=build /programs/aigateway-proxy /usr/local/bin/aigateway-proxy
ENTRYPOINT ["/usr/local/bin/aigateway-proxy"]
