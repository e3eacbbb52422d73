# The words a newcomer types. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

CARGO_FLAGS := --workspace --all-features

# Everything the page is built from.
DASHBOARD_INPUTS := $(shell find dashboard -path dashboard/node_modules -prune -o -path dashboard/dist -prune -o -path dashboard/e2e -prune -o -type f -print 2>/dev/null)
DASHBOARD := dashboard/dist/index.html

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build everything and run the demo: logmonitor with an embedded broker, two services, traffic
	@demo/run

.PHONY: build
build: $(DASHBOARD)
	cargo build $(CARGO_FLAGS)

.PHONY: test
test: lint dashboard-test ## everything that must pass: lint, dashboard, all tests on a real Kafka
	kafka/broker fetch
	$(MAKE) producers
	cargo build $(CARGO_FLAGS) --all-targets
	kafka/with-broker cargo test $(CARGO_FLAGS)
	$(MAKE) dashboard-e2e

.PHONY: producers
producers: ## install what the loggers of other languages need, into directories that git ignores
	@for language in python node java go; do "tests/producers/$$language/setup"; done

.PHONY: soak
soak: ## the long forms of the tests on a real Kafka: crashes, outages, a full disk, retention
	kafka/broker fetch
	cargo build $(CARGO_FLAGS) --all-targets
	SOAK=1 kafka/with-broker cargo test $(CARGO_FLAGS) --test pipeline -- crash hardship

.PHONY: lint
lint: $(DASHBOARD) ## formatting, clippy, documentation, types of the dashboard
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc $(CARGO_FLAGS) --no-deps --quiet
	cd dashboard && npm run --silent lint

.PHONY: bench
bench: ## benchmarks; the figures of BENCHMARKS.md
	kafka/broker fetch
	cargo bench -p tracing-kafka --bench caller
	cargo bench -p log-record --bench decode
	cargo bench -p logmonitor --bench store
	cargo bench -p logmonitor --bench archive
	cargo bench -p issue-grouping
	cargo bench -p logmonitor --bench issues
	cargo bench -p logmonitor --bench live
	kafka/with-broker cargo bench -p logmonitor --bench scan
	cargo build --release -p logmonitor
	kafka/with-broker cargo bench -p pipeline-tests --bench latency
	kafka/with-broker cargo bench -p pipeline-tests --bench context
	bench/peers/run

.PHONY: kafka-up
kafka-up: ## start a real Apache Kafka on 127.0.0.1:9092 and create the topics
	@kafka/broker up
	@kafka/broker topics

.PHONY: kafka-down
kafka-down: ## stop it; the data stays until `kafka/broker clean`
	@kafka/broker down

# --- the dashboard --------------------------------------------------------------------------------------------------

.PHONY: dashboard-test
dashboard-test: $(DASHBOARD)
	cd dashboard && npm run --silent test

# The page in a real browser, on the running demo. Built as for the other tests: without their features all would be
# built once more.
.PHONY: dashboard-e2e
dashboard-e2e: $(DASHBOARD)
	cargo build $(CARGO_FLAGS) --all-targets
	demo/with-demo npm --prefix dashboard run --silent e2e

$(DASHBOARD): dashboard/node_modules/.package-lock.json $(DASHBOARD_INPUTS)
	cd dashboard && npm run --silent build
	@touch $@

# npm writes this file last, when all of package-lock.json is installed.
dashboard/node_modules/.package-lock.json: dashboard/package.json dashboard/package-lock.json
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null || \
		{ echo 'Node.js 20.19 or newer with npm is needed to build the dashboard: sudo apt-get install nodejs npm' >&2; exit 1; }
	cd dashboard && npm ci --no-audit --no-fund
	@touch $@
