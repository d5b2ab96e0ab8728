# Kansoku's menu: `make` lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/.tools/bin:$(PATH)

WEB := web/node_modules/.package-lock.json
SERVICES := fetcher archive validator loader replayer query-api jikan-sim
PACKAGES := $(foreach name,$(SERVICES) cli nats stack,-p kansoku-$(name))
STACK := target/release/stack

.DEFAULT_GOAL := help
.PHONY: help setup build up check-up down reset env status incident incident-undo observe observe-down service unservice test unit advisories lint bench chaos rehearse compose-test e2e helm-test kube-test node-test canary-test argo-test scale-test shots terraform-test tls-test fmt generate

help: ## List these targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: ## Install what is missing: Postgres, Redis, nats-server, the nats CLI
	@scripts/setup.sh servers

build: setup $(WEB) ## Build what runs: the services and the web UI
	@echo "Building the services (some minutes the first time, seconds later)"
	@cargo build --release --locked --bins $(PACKAGES)
	@scripts/build-web.sh

# What a person types may have quotes in it, so the shell takes it from the environment.
up: export SOURCE := $(SOURCE)
up: export FAST := $(FAST)
up: export CONTACT := $(CONTACT)
up: export TLS := $(TLS)
up: export BASE_URLS := $(strip $(BASE_URLS))
up: export DAYS := $(strip $(DAYS))
up: export LOWER := $(foreach name,source fast contact tls base_urls days,$(if $(filter command,$(origin $(name))),$(name)))
up: check-up build ## Start everything, fill a sample history, print the address (DAYS=30, TLS=1, FAST=60s, SOURCE=live CONTACT=…: see the README)
	@KANSOKU_ROOT="$(CURDIR)" $(STACK) up $(if $(DAYS),--days "$$DAYS") $(if $(TLS),--tls $(if $(filter 1,$(TLS)),true,false)) $(if $(SOURCE),--source "$$SOURCE") $(if $(FAST),--fast "$$FAST") \
	  $(if $(CONTACT),--contact "$$CONTACT") $(if $(BASE_URLS),--base-url "$$BASE_URLS")

# Before minutes of building.
check-up:
	@scripts/check-up.sh

down: ## Stop everything, keep the data
	@scripts/stack.sh down

reset: ## Stop everything and wipe the data (asks before, in a terminal; YES=1 does not ask)
	@scripts/stack.sh reset $(if $(filter 1,$(YES)),--yes)

env: ## Print the addresses as shell assignments: eval "$(make -s env)"
	@scripts/stack.sh env

status: ## Say what runs, and whether it is ready
	@scripts/stack.sh status

incident: ## Let the sample's upstream change a field: 100 rows or more to mend, and what to click or type next
	@scripts/stack.sh incident

incident-undo: ## Put the upstream and the schemas back after it
	@scripts/stack.sh incident-undo

observe: build ## Watch what runs: Prometheus, alerts, traces; Grafana, Tempo and Loki where they are installed
	@scripts/setup.sh observe
	@scripts/stack.sh observe

observe-down: ## Stop watching, keep what was recorded
	@scripts/stack.sh observe-down

service: ## Start Kansoku with the machine from now on (a systemd unit)
	@scripts/stack.sh service

unservice: ## Stop it and remove that unit
	@scripts/stack.sh unservice

test: ## Run every test, with the line coverage of the Rust code
	@scripts/setup.sh tests
	@scripts/test.sh

unit: $(WEB) ## Run the tests that need no server
	@cargo test --workspace --lib --locked
	@cd web && npm run --silent test

advisories: ## Check the dependencies against the advisory database (needs the internet)
	@scripts/setup.sh lint
	@.tools/bin/cargo-deny --locked check advisories

lint: $(WEB) ## Format, clippy, deny, Biome, TypeScript, actionlint, Compose files, what watches
	@scripts/setup.sh lint
	@scripts/lint.sh

bench: build ## Measure speed and the cost of a row beside peers in Python, and the size of each service
	@cargo build --release --locked -p kansoku-bench
	@target/release/bench

chaos: ## Break a pipeline of its own on purpose and count every row after (NAMES="redis-gone", ALERTS=1, FAULTS=1000 SEED=7: see docs/chaos)
	@scripts/setup.sh chaos
	@cargo build --workspace --locked --all-features --bins
	@target/debug/chaos $(if $(FAULTS),random --faults "$(FAULTS)" $(if $(SEED),--seed "$(SEED)"),run $(if $(ALERTS),--alerts) $(NAMES))

helm-test: ## Check the Helm charts: schemas, policies, dead values, the programs' own words (minutes; see docs/guides/kubernetes.md)
	@scripts/setup.sh helm
	@scripts/helm-test.sh $(NAMES)

kube-test: ## Install the charts on a real API server, kube-apiserver and controllers (builds them once: some minutes)
	@scripts/setup.sh kube
	@scripts/helm-test.sh kube_api

scale-test: ## Break what is there twice or three times while pages come: nats-servers, a primary of Postgres (minutes and a debug build)
	@scripts/setup.sh scale
	@cargo build --workspace --locked --all-features --bins
	@target/debug/stack with-postgres -- cargo test --workspace --locked --all-features --test acceptance -- --ignored --test-threads 1 cluster:: failover:: workers::

node-test: build ## Run the charts on a real kubelet of this machine: capture, failed migration, upgrade under load (as root; see docs/guides/kubernetes.md)
	@scripts/setup.sh node
	@scripts/helm-test.sh kube_node

canary-test: ## Bring good and bad versions of the API out behind HAProxy, judged by Prometheus with the chart's queries (three minutes, and a build of the version before)
	@scripts/setup.sh canary
	@scripts/canary-test.sh $(NAMES)

argo-test: ## The same by Argo Rollouts itself, on a real API server (builds both once: a quarter of an hour)
	@scripts/setup.sh argo
	@scripts/canary-test.sh test_argo

rehearse: ## Play one incident on an installation of its own, alerts and all, and write down what happened when (RECORD=rehearsal.json)
	@scripts/setup.sh chaos
	@scripts/setup.sh observe
	@cargo build --workspace --locked --all-features --bins
	@target/debug/chaos rehearse $(if $(RECORD),--record "$(RECORD)")

compose-test: ## Start the containers with an engine of their own, send pages through, break and restart them (as root)
	@scripts/compose-test.sh

tls-test: ## Run everything over TLS, listen on its ports, replace every certificate (as root; two minutes and a debug build)
	@scripts/setup.sh servers
	@scripts/build-web.sh
	@cargo build --workspace --locked --all-features --bins
	@cargo test --workspace --locked --all-features --test stack -- --ignored tls::

e2e: build ## Run the browser test against a stack of its own
	@scripts/e2e.sh

shots: build ## Take every picture of the README and the guides from a stack of its own
	@scripts/setup.sh shots
	@scripts/shots.sh

terraform-test: ## Check deploy/terraform without a cloud (PROVIDER=1 also with DigitalOcean's provider and mocks)
	@scripts/terraform.sh

fmt: $(WEB) ## Format everything
	@cargo fmt --all
	@cd web && npx biome check --write .

generate: $(WEB) ## Make the generated files again: OpenAPI document, TypeScript types, rules of alerts
	@cargo run --quiet --locked -p kansoku-observability -- generate
	@cargo run --quiet --locked -p kansoku-query-api -- openapi > web/src/api/openapi.json.new
	@mv web/src/api/openapi.json.new web/src/api/openapi.json
	@cd web && npm run --silent generate

$(WEB): web/package.json web/package-lock.json
	@echo "Installing the web UI's packages (half a minute or so)"
	@cd web && npm ci --loglevel=error --no-audit --no-fund
	@touch $@
