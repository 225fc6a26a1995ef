# aostop: `make demo` opens the dashboard on a real cluster, `make test` runs every test.
# Both install what they need and lack (Debian: apt), ask nothing and start no server.

PREFIX ?= /usr/local
SWIFT ?= swift
# Tests that speak to sockets, processes and terminals run one after the other: together they would
# take the processor from each other until the product's own time limits are over.
OUTSIDE := ^(ClusterTests|ClusterClientTests|ProgramTests|RegistryTests|TerminalScreenTests)\.
RELEASE := $(SWIFT) build -c release --static-swift-stdlib

# How much `make simulate`, `make fuzz` and `make soak` do.
SEEDS ?= 10000
FIRST ?= 1
INPUTS ?= 1000000
SEED ?= 1
MINUTES ?= 10

.PHONY: demo build test manual bench simulate fuzz soak install uninstall screenshots clean \
	packages test-packages

demo: build
	@exec .build/release/aostop --demo

# All at once: one product after the other would make SwiftPM build what they share again.
build: packages
	$(RELEASE)

test: packages test-packages
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip '$(OUTSIDE)'
	$(SWIFT) test --skip-build --no-parallel --filter '$(OUTSIDE)'

# Writes the manual pages anew from the programs' own tables.
manual: packages
	$(SWIFT) build --build-tests
	AOSTOP_WRITE_MANUAL=1 $(SWIFT) test --skip-build --filter '^ProgramTests\.ManualTests'

# Seeded runs of the cluster's machines among faults; a failure prints its seed, and
# `.build/release/SimulateCluster --trace SEED` tells what happened.
simulate: packages
	$(RELEASE) --product SimulateCluster
	.build/release/SimulateCluster $(SEEDS) $(FIRST)

# Broken inputs for every parser of outside input.
fuzz: packages test-packages
	$(SWIFT) build --build-tests
	FUZZ_INPUTS=$(INPUTS) FUZZ_SEED=$(SEED) $(SWIFT) test --skip-build --filter '^FuzzTests\.'

# Kills programs of a living cluster at random, over and over, under clients and operators.
soak: build test-packages
	@.build/release/SoakCluster --minutes $(MINUTES) --keep-logs

# The figures, beside those of other programs. ONLY=handshake,storm: these parts alone;
# WRITE=1: into Documentation/FIGURES.md.
bench: build
	@Scripts/install-packages btop haproxy hatop htop wrk || echo "Goes on with those that are there." >&2
	@.build/release/ClusterBenchmarks $(if $(ONLY),--only $(ONLY)) \
	  $(if $(WRITE),--write Documentation/FIGURES.md)

install: build
	PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" Scripts/install

uninstall:
	PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" Scripts/install --remove

screenshots: build
	@Scripts/install-packages tmux xterm xvfb imagemagick fonts-dejavu-core
	Scripts/screenshots

clean:
	rm -rf .build

# What the build needs.
packages:
	@Scripts/install-packages libncurses-dev libpq-dev libsqlite3-dev

# What only the tests need.
test-packages:
	@Scripts/install-packages curl groff-base openssl postgresql procps tmux
