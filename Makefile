# TIMS. `make demo` shows it, `make test` proves it; the rest is for those who work on it.
.PHONY: demo build test tools bench fuzz chaos fmt

export CGO_ENABLED = 0

demo: build ## a country on this machine; Ctrl-C ends it
	@trap "" INT; exec ./tims demo

build: ## one static binary, ./tims
	go build -trimpath -o tims ./cmd/tims

tools: ## what tests need beyond Go (root or sudo)
	./scripts/tools.sh

test: tools ## everything; nothing is left out
	test -z "$$(gofmt -l cmd internal)" || { gofmt -l cmd internal; exit 1; }
	go vet ./...
	TIMS_REQUIRE_ALL=1 go test -timeout 19m ./...

bench: ## the figures of docs/benchmarks.md; larger sets from TIMS_DATA
	go test -run '^$$' -bench . -benchtime 2s -timeout 60m ./...

fuzz: ## every fuzz target for FUZZTIME each
	./scripts/fuzz.sh

SEEDS ?= 1000
REAL_DISKS = ^Test(PowerCut|KillAtEachSystemCall|SyncFails|StartWithoutSyncs|FullFileSystem|FullDiskOfAPost|NoFileHandles|NoMemory|ThinLine)$$

chaos: ## simulated countries from SEEDS seeds, real disks and a thin line (root), faults put into the product that must be found, and an earlier version
	./scripts/tools.sh disks
	TIMS_SEEDS=$(SEEDS) go test -count=1 -timeout 0 -v -run '^TestChaos$$' ./internal/node
	TIMS_CHAOS=1 go test -count=1 -timeout 0 -v -run '$(REAL_DISKS)' ./internal/tlog ./internal/node
	TIMS_ALL_BITS=1 go test -count=1 -timeout 0 -run 'EverySingleBit' ./internal/tlog
	./scripts/mutants.sh
	./scripts/previous.sh

fmt:
	gofmt -w cmd internal
