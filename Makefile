# What there is to do here. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Tools that are installed for this project, outside of the checkout.
CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/aigateway
TARGET := $(or $(CARGO_TARGET_DIR),target)

DENY_VERSION := 0.20.2
DENY := $(CACHE)/cargo-deny-$(DENY_VERSION)/bin/cargo-deny

REQUIREMENTS := tests/conformance/requirements.txt
VENV := $(CACHE)/python-$(shell cat $(REQUIREMENTS) <(python3 --version) | sha256sum | cut -c 1-16)
PYTEST := PYTHONDONTWRITEBYTECODE=1 $(VENV)/bin/pytest --rootdir tests/conformance -c tests/conformance/pyproject.toml
GENERATE_CHART := PYTHONDONTWRITEBYTECODE=1 $(VENV)/bin/python tests/chart/generate.py
CLI := $(TARGET)/debug/kubectl-aigateway

HELM_VERSION := 4.2.4
HELM := $(CACHE)/helm-$(HELM_VERSION)/helm
# Keyed by all that decides what is built.
CLUSTER_TOOLS := $(CACHE)/cluster-$(shell cd tests/cluster && \
  cat build-tools.sh mkimage.py pause.c tools/*/go.mod tools/*/go.sum | sha256sum | cut -c 1-16)
IMAGES := $(TARGET)/images
KUBE := NAME=aigateway BIN=$(CLUSTER_TOOLS) tests/cluster/kube.sh

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

.PHONY: run
run: ## Serve the headline gateway with simulated providers; RUN_ARGS adds flags
	cargo run --locked --release --bin kubectl-aigateway -- run -f crds/examples/headline.yaml \
	  --simulate --simulate=openai:model=gpt-4o,status=503 $(RUN_ARGS)

.PHONY: test
test: unit conformance conformance-node chart cluster readme ## Run every test there is

.PHONY: unit
unit: ## Run the Rust tests; they need no network and no cluster
	cargo build --locked --workspace --bins
	cargo test --locked --workspace

.PHONY: conformance
conformance: $(VENV)/ready ## Run the official Python SDKs against the gateway
	cargo build --locked --workspace --bins
	AIGATEWAY_PROGRAM=$(abspath $(CLI)) $(PYTEST) tests/conformance --ignore tests/conformance/test_readme.py

.PHONY: conformance-node
conformance-node: ## Run the official Node SDKs, and the tests of clients/workers-ai
	cargo build --locked --workspace --bins
	AIGATEWAY_PROGRAM=$(abspath $(CLI)) CACHE=$(CACHE) tests/conformance/node/run.sh

.PHONY: chart
chart: $(VENV)/ready $(HELM) ## Check the chart: lint, schema, what it renders
	AIGATEWAY_HELM=$(HELM) $(PYTEST) tests/chart

# `make cluster CLUSTER=required` fails where there can be no cluster; otherwise that is said and skipped.
.PHONY: cluster
cluster: ## Run the tests that need a Kubernetes; CLUSTER_ARGS adds flags of pytest
	@if reason=$$(tests/cluster/prepare.sh $(CLUSTER_TOOLS)); then $(MAKE) --no-print-directory cluster-tests; \
	else echo "skipped: $$reason"; [ '$(CLUSTER)' != required ]; fi

.PHONY: cluster-tests
cluster-tests: $(VENV)/ready $(HELM)
	EXTRA=upstream PROFILE=$(or $(PROFILE),release) tests/cluster/images.sh $(IMAGES)
	AIGATEWAY_CLUSTER_TOOLS=$(CLUSTER_TOOLS) AIGATEWAY_HELM=$(HELM) AIGATEWAY_IMAGES=$(abspath $(IMAGES)) \
	  PYTHONDONTWRITEBYTECODE=1 $(VENV)/bin/pytest --rootdir tests/cluster -c tests/cluster/pytest.ini \
	  $(or $(CLUSTER_TESTS),tests/cluster) $(CLUSTER_ARGS)

.PHONY: soak
soak: ## Run the cluster tests with their full figures; it takes hours
	$(MAKE) cluster CLUSTER=required CLUSTER_ARGS='--soak $(CLUSTER_ARGS)'

.PHONY: cluster-up
cluster-up: $(HELM) ## Start a Kubernetes of two nodes on this machine, with the operator in it
	tests/cluster/prepare.sh $(CLUSTER_TOOLS)
	EXTRA=upstream tests/cluster/images.sh $(IMAGES)
	$(KUBE) up 2
	$(KUBE) load $(IMAGES)/*.tar
	$(KUBE) run $(HELM) install aigateway charts/aigateway --namespace aigateway-system --create-namespace \
	  --set global.imageRegistry=local.test --wait
	@echo 'It is up. Talk to it with: $(KUBE) kubectl get nodes'

.PHONY: cluster-down
cluster-down: ## End that Kubernetes; nothing of it stays
	$(KUBE) down

.PHONY: images
images: ## Build the images as OCI archives, without a container engine
	tests/cluster/images.sh $(IMAGES)

.PHONY: helm
helm: $(HELM) ## Build Helm for the chart's checks; its path is printed
	@echo $(HELM)

# With the settings of the images, so that what was built for these is not built again.
.PHONY: readme
readme: $(VENV)/ready ## Run every command of README.md and compare what it prints
	source tests/cluster/static.sh && cargo build --locked --release --bin kubectl-aigateway && \
	  $(PYTEST) tests/conformance/test_readme.py

.PHONY: generate
generate: $(VENV)/ready ## Write the generated files anew
	cargo run --locked --bin crdgen > crds/aigateway.yaml.new
	mv crds/aigateway.yaml.new crds/aigateway.yaml
	$(GENERATE_CHART)
	UPDATE_GOLDENS=1 cargo test --locked --workspace --test table

.PHONY: fresh
fresh: $(VENV)/ready ## Check that the generated files are fresh
	cargo run --locked --quiet --bin crdgen | diff -u crds/aigateway.yaml - \
	  || { echo 'crds/aigateway.yaml is stale: run make generate'; exit 1; }
	$(GENERATE_CHART) --check

.PHONY: lint
lint: fmt clippy ruff deny fresh ## Check all that is checked without running it

.PHONY: fmt
fmt: ## Check the format of the Rust code; cargo fmt mends it
	cargo fmt --all --check

.PHONY: clippy
clippy: ## Check the Rust code, warnings denied
	cargo clippy --locked --workspace --all-targets -- -D warnings

.PHONY: ruff
ruff: $(VENV)/ready ## Check the Python code and its format
	$(VENV)/bin/ruff check --no-cache tests
	$(VENV)/bin/ruff format --no-cache --check tests

.PHONY: deny
deny: $(DENY) ## Check licences, bans and sources of the dependencies
	$(DENY) --locked --log-level error check licenses bans sources

.PHONY: advisory-database
advisory-database: $(DENY) ## Fetch what is known of vulnerabilities
	$(DENY) --log-level error fetch db

.PHONY: advisories
advisories: $(DENY) ## Check the dependencies for known vulnerabilities
	$(DENY) --locked --log-level error check advisories

# libFuzzer needs a nightly compiler; what it finds and learns stays in the cache.
FUZZ_VERSION := 0.13.2
FUZZ := $(CACHE)/cargo-fuzz-$(FUZZ_VERSION)/bin/cargo-fuzz
FUZZ_SECONDS ?= 30

.PHONY: fuzz
fuzz: $(FUZZ) ## Fuzz the parsers and translators, each for FUZZ_SECONDS
	for target in sse requests answers streams; do mkdir -p $(CACHE)/fuzz/$$target; \
	  RUSTUP_TOOLCHAIN=nightly PATH=$(dir $(FUZZ)):$$PATH cargo fuzz run --fuzz-dir fuzz $$target \
	    $(CACHE)/fuzz/$$target fuzz/seeds/$$target -- -max_total_time=$(FUZZ_SECONDS) -max_len=8192; done

$(FUZZ):
	cargo install cargo-fuzz --version $(FUZZ_VERSION) --locked --debug --root $(CACHE)/cargo-fuzz-$(FUZZ_VERSION)

# The programs as they ship.
.PHONY: bench
bench: ## Measure the proxy beside nginx
	tests/cluster/build-programs.sh $(TARGET)/bench aigateway-proxy aigateway-bench
	$(TARGET)/bench/aigateway-bench --proxy $(TARGET)/bench/aigateway-proxy $(BENCH_ARGS)

.PHONY: profile
profile: ## Record anew which code of the proxy runs, for the compiler
	proxy/profile/record.sh

$(DENY):
	cargo install cargo-deny --version $(DENY_VERSION) --locked --debug --root $(CACHE)/cargo-deny-$(DENY_VERSION)

$(HELM):
	cd / && CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-trimpath GOBIN=$(dir $(HELM)) go install \
	  -ldflags '-s -w -X helm.sh/helm/v4/internal/version.version=v$(HELM_VERSION)' helm.sh/helm/v4/cmd/helm@v$(HELM_VERSION)

$(VENV)/ready: $(REQUIREMENTS)
	python3 -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --no-deps --requirement $(REQUIREMENTS)
	touch $@
