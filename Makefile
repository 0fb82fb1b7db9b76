# One command for each wish; `make help` lists them. CI runs `make check` and nothing else.

GOLANGCI  := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOFUMPT   := go run mvdan.cc/gofumpt@v0.12.0
DEADCODE  := go run golang.org/x/tools/cmd/deadcode@v0.52.0

FUZZTIME  ?= 10s
KILLS     ?= 50
BENCH     ?= .
BENCHTIME ?= 1s
VERSION   ?=
PKG       ?= ./...

# The modules beside the product's own: suites that need large dependencies.
MODULES   := $(patsubst %/go.mod,%,$(wildcard test/go.mod test/*/go.mod))

LDFLAGS   := -s -w $(if $(VERSION),-X github.com/drover-iot/drover/internal/cli.Version=$(VERSION))
RELEASES  := linux/amd64 linux/arm64
COMPILES  := linux/arm darwin/arm64 windows/amd64

# What CI runs, in this order: what fails soonest comes first.
CHECKS    := fmt vet docs build lint test race kill modules demo fuzz

.DEFAULT_GOAL := help
.PHONY: help check $(CHECKS) bench deadcode clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: ## Everything that CI checks, step by step
	@.ci/steps $(CHECKS)

fmt: ## Fail if a file is not formatted by gofumpt (gofumpt -w . mends it)
	@files=$$($(GOFUMPT) -l .) && if [ -n "$$files" ]; then echo "not formatted:"; echo "$$files"; exit 1; fi

vet: ## go vet, and that go.mod and go.sum are tidy, all modules
	go mod tidy -diff
	go vet ./...
	@set -e; for m in $(MODULES); do echo "go mod tidy -diff && go vet ./... # in $$m"; (cd $$m && go mod tidy -diff && go vet ./...); done

lint: ## golangci-lint with .golangci.yml, which gives its reasons
	$(GOLANGCI) run ./...
	@set -e; for m in $(MODULES); do echo "golangci-lint run # in $$m"; (cd $$m && $(GOLANGCI) run ./...); done

deadcode: ## List functions that nothing reaches
	$(DEADCODE) -test ./...

build: ## Static binaries for Linux in bin/, and a compile check for other systems
	@set -e; for t in $(RELEASES); do \
		echo "build $$t"; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} go build -trimpath -ldflags '$(LDFLAGS)' -o bin/drover-$${t%/*}-$${t#*/} ./cmd/drover; \
	done
	@set -e; for t in $(COMPILES); do \
		echo "compile $$t"; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} go build ./...; \
	done

test: ## The README's test command
	go test ./...

# SQLite itself, C translated to Go, is not ours to look for races in, and takes
# three times as long when it is: it alone is compiled without the detector.
race: ## All tests under the race detector (needs a C compiler)
	go test -race -gcflags=modernc.org/sqlite/lib=-race=false -timeout 15m ./...

kill: ## Kill a loaded node, KILLS times, and look for all that it had acknowledged
	go test -count=1 -timeout 60m ./internal/drovertest/crash -v -kills $(KILLS)

modules: ## The suites in test/: the binary, driven by the AWS SDKs and CLI, paho, mosquitto
	@.ci/modules $(MODULES)

demo: ## The demo, without a terminal
	go run ./cmd/drover demo --plain

fuzz: ## Every fuzz target for FUZZTIME each (PKG=./internal/mqtt for one package)
	.ci/fuzz $(FUZZTIME) $(PKG)

bench: ## Benchmarks (BENCH=regexp, BENCHTIME=3s, PKG=./internal/broker)
	go test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem $(PKG)

docs: ## Check that what the documentation links to and names exists
	.ci/links

clean: ## Remove what was built
	rm -rf bin
