# SEI RS Desktop. The two commands to know: make run, and make test.
#
# Every target installs what it needs (build/setup.sh) on a Debian 12 with Go, Node and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:

VERSION := $(shell build/version.sh)
# The programs are named by VERSION; Go's own stamping would fail in a clone owned by somebody else.
GOBUILD := go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
TAGS_DESKTOP := desktop,production,webkit2_41,sqlite_fts5
TAGS := sqlite_fts5
FRONTEND := $(shell find frontend/src frontend/public frontend/wailsjs -type f 2>/dev/null) \
	$(wildcard frontend/*.ts frontend/*.js frontend/*.json frontend/index.html)

ROUNDS ?= 20

.PHONY: build programs frontend bindings run test test-full crash demo windows fmt lint setup clean

build: ## build/bin/sei-rs-desktop and build/bin/seirs
	@build/setup.sh build
	@$(MAKE) --no-print-directory programs

# The programs alone, when the set-up was done.
programs: frontend/dist/index.html
	@mkdir -p build/bin
	$(GOBUILD) -tags $(TAGS) -o build/bin/seirs ./app/seirs
	$(GOBUILD) -tags $(TAGS_DESKTOP) -o build/bin/sei-rs-desktop .

frontend: frontend/dist/index.html

frontend/dist/index.html: $(FRONTEND)
	cd frontend && npm run --silent build

bindings: ## rewrite frontend/wailsjs from the bound Go types
	@build/bindings.sh

run: build ## a demonstration central and the window; without a display, its address
	@build/run.sh

test: ## everything; its last line says how many stages passed
	@build/setup.sh test
	@build/test.sh

test-full: ## test, and the long proofs; RECORD=1 keeps what it came to in docs/test-full.md
	@build/setup.sh test
	@build/setup.sh windows
	@build/test.sh full

crash: ## kill the programs under load: make crash ROUNDS=500 [SEED=7]
	@build/setup.sh test
	@$(MAKE) --no-print-directory programs
	@ROUNDS=$(ROUNDS) SEED=$(SEED) build/crash.sh loop

demo: ## the main job, end to end, with real processes
	@build/setup.sh test
	@$(MAKE) --no-print-directory programs
	@rm -rf build/demo && mkdir -p build/demo
	@build/bin/seirs demo --out build/demo

windows: ## the programs and the installer for Windows
	@build/setup.sh windows
	@$(MAKE) --no-print-directory frontend
	@build/windows/build.sh

fmt: ## format the Go code
	find . -name '*.go' -not -path './frontend/node_modules/*' -not -path './build/cache/*' -print0 | xargs -0 gofmt -w

lint: ## formatting, vet, staticcheck, golangci-lint
	@build/setup.sh build
	@build/test.sh lint

setup: ## install everything that any target needs
	@build/setup.sh test
	@build/setup.sh windows

clean: ## remove what the targets made; the demonstration's data too
	rm -rf build/bin build/out build/demo build/cache frontend/dist/assets frontend/dist/index.html
