# Every target is one command. "make help" lists them.
FUZZTIME ?= 30s
SOAKTIME ?= 30s
BENCHFLAGS ?=
MUTATEFLAGS ?= -known known.txt ./internal/block ./auth ./retry
# Most tests wait for servers, so more of them run at a time than there are processors.
PARALLEL ?= $(shell test "$$(getconf _NPROCESSORS_ONLN)" -ge 4 || echo -p=4 -parallel=8)
.PHONY: help fmt lint test race faults fuzz bench mutate api api-record release tools redis

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | expand -t 12

fmt: tools ## format all Go code
	.bin/gofumpt -w .

lint: tools ## gofumpt, go vet, go fix, staticcheck, golangci-lint, the API, types on other systems, govulncheck
	scripts/lint

test: redis ## every test of every module; installs redis-server if it is missing and may
	scripts/test -shuffle=on $(PARALLEL)

race: redis ## the same under the race detector
	scripts/test -race -shuffle=on $$(scripts/haproxy)

faults: redis ## checks while replies are cut, late and lost, SOAKTIME (30s) on each set-up, with a table
	go test ./internal/faulttest -count=1 -run 'TestSoak$$' -v -timeout=0 -soak=$(SOAKTIME)

fuzz: ## each fuzz target for FUZZTIME (30s)
	scripts/fuzz $(FUZZTIME)

bench: redis ## one table of benchmarks against peers, as docs/performance.md shows it
	cd bench && go run . $(BENCHFLAGS)

mutate: ## changes to the code that no test notices; MUTATEFLAGS name packages and flags of tools/mutate
	cd tools/mutate && go run . -module ../.. $(MUTATEFLAGS)

api: tools ## the public API as the files in api/ have it; incompatible changes since the last tag fail
	scripts/api

api-record: ## renew the files in api/ after a change of the public API
	scripts/api record

release: tools ## a tag of VERSION (v0.1.0) with its notes from CHANGELOG.md, after the gate; DRY=1 makes no tag
	scripts/release "$(VERSION)"

tools: .bin/stamp

# The tools take minutes to build, so they are built once for each version of tools/go.mod.
.bin/stamp: tools/go.mod tools/go.sum
	scripts/tools

redis:
	@scripts/redis
