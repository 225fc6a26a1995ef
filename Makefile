# aostop: `make demo` opens the dashboard on a real cluster, `make test` runs every test.
# Both install what they need and lack (Debian: apt), ask nothing and start no server.

PREFIX ?= /usr/local
SWIFT ?= swift
RELEASE := $(SWIFT) build -c release --static-swift-stdlib

# Suites that speak to sockets, processes and terminals (Package.swift lists them) test what ships:
# they are built for release, and start the programs of `make build`. They run one after the other:
# together they would take the processor from each other until the product's own time limits are
# over. The pure suites are built for debugging.
PURE := AOSTOP_SUITES=pure $(if $(RECORD),AOSTOP_RECORD=1) $(SWIFT)
OUTSIDE := AOSTOP_SUITES=outside AOSTOP_PROGRAMS=$(CURDIR)/.build/release $(SWIFT)
TESTABLE := -c release --scratch-path .build-testable
BUILD_OUTSIDE := $(OUTSIDE) build $(TESTABLE) -Xswiftc -enable-testing --product aostopPackageTests
TEST_OUTSIDE := $(OUTSIDE) test $(TESTABLE) --skip-build --no-parallel
FILTER = $(if $(ONLY),--filter '$(ONLY)')

# How much `make simulate`, `make fuzz` and `make soak` do.
SEEDS ?= 10000
FIRST ?= 1
INPUTS ?= 1000000
SEED ?= 1
MINUTES ?= 10

# Of PyPI, each in an environment of its own.
SCHEMATHESIS := schemathesis==4.32.5
GRPCIO := grpcio==1.85.3

# What `make format` and `make lint` look at; `.swift-format` has the rules.
SWIFT_SOURCES := Package.swift Sources Tests Benchmarks examples

.PHONY: demo build test test-pure test-outside format lint manual bench simulate fuzz soak \
	sanitize conformance install uninstall deb test-deb docs screenshots clean packages \
	test-packages grpcio

demo: build
	@exec .build/release/aostop --demo

# All at once: one product after the other would make SwiftPM build what they share again.
build: packages
	$(RELEASE)

# RECORD=1 rewrites the pictures of the dashboard, which the tests compare with.
# ONLY=name: the suites and tests whose names match, such as ONLY=ExampleTests or, for one test,
# ONLY=ExampleTests/leave; of the two parts of the tests only those that hold them are built.
test: $(if $(ONLY),,lint)
	@parts=$$(Scripts/test-parts '$(ONLY)') && for part in $$parts; do \
	  $(MAKE) --no-print-directory test-$$part || exit 1; done

test-pure: packages test-packages
	$(PURE) build --product aostopPackageTests
	Scripts/run-suites env $(PURE) test --skip-build $(FILTER)

test-outside: build test-packages
	$(BUILD_OUTSIDE)
	Scripts/run-suites env $(TEST_OUTSIDE) $(FILTER)

# Writes every Swift file in the form that `make lint` asks for.
format:
	$(SWIFT) format format --in-place --parallel --recursive $(SWIFT_SOURCES)

# Checks the form of every Swift file; takes some seconds.
lint:
	@$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES) || \
	  { echo "\`make format\` mends most of it." >&2; exit 1; }

# Rewrites the manual pages from the programs' own tables.
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
	$(BUILD_OUTSIDE)
	FUZZ_INPUTS=$(INPUTS) FUZZ_SEED=$(SEED) $(TEST_OUTSIDE) --filter '^FuzzTests\.'

# Kills programs of a living cluster at random, over and over, under clients and operators.
soak: build test-packages
	@.build/release/SoakCluster --minutes $(MINUTES) --keep-logs

# The suites under the address sanitizer and under the thread sanitizer.
sanitize: packages test-packages
	Scripts/sanitize address
	Scripts/sanitize thread

# Asks both daemons, in every role, for what Documentation/openapi.yaml promises. ONLY names some
# runs, such as balancer/operator.
conformance: build .build-conformance/$(SCHEMATHESIS)
	AOSTOP_PROGRAMS=.build/release .build-conformance/bin/python Scripts/conformance/run.py $(ONLY)

.build-conformance/$(SCHEMATHESIS):
	@Scripts/install-packages python3-venv
	python3 -m venv .build-conformance
	.build-conformance/bin/pip install --quiet --disable-pip-version-check $(SCHEMATHESIS)
	@touch $@

# The figures, beside those of other programs, and how the dashboard's work grows with the cluster.
# ONLY=handshake,storm: these parts alone; WRITE=1: into Documentation/FIGURES.md.
bench: build
	@Scripts/install-packages btop haproxy hatop htop openssl valgrind wrk || echo "Goes on without the missing ones." >&2
	$(if $(ONLY),,AOSTOP_MEASURE=1 $(PURE) test --filter '^DashboardTests\.QuicknessTests')
	@.build/release/ClusterBenchmarks $(if $(ONLY),--only $(ONLY)) \
	  $(if $(WRITE),--write Documentation/FIGURES.md)

install: build
	PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" Scripts/install

uninstall:
	PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" Scripts/install --remove

# Debian packages: aostop (with aosctl) and aosd.
deb: build
	@Scripts/install-packages debhelper
	Scripts/deb

# Tries them with lintian and in a fresh Debian: install, start, upgrade, remove, purge.
test-deb: build
	@Scripts/install-packages debhelper debootstrap lintian
	Scripts/test-deb

# The pages of the library ClusterClient, as DocC.
docs: packages
	$(SWIFT) build --target ClusterClient
	Scripts/docs

screenshots: build
	@Scripts/install-packages tmux xterm xvfb imagemagick fonts-dejavu-core
	Scripts/screenshots

clean:
	rm -rf .build .build-*

# What the build needs.
packages:
	@command -v $(SWIFT) >/dev/null || { echo "Swift is missing: HACKING.md says how to get it." >&2; exit 1; }
	@Scripts/install-packages libncurses-dev libpq-dev libsqlite3-dev

# What only the tests need.
test-packages:
	@command -v $(SWIFT) >/dev/null || { echo "Swift is missing: HACKING.md says how to get it." >&2; exit 1; }
	@Scripts/install-packages curl groff-base haproxy jq netcat-openbsd openssh-client openssh-server openssl \
	  pgbouncer postgresql procps prometheus python3 socat tmux
	@$(MAKE) --no-print-directory grpcio || echo "Goes on without grpcio." >&2

# As a name of its own: on a command line make would take the file's for an assignment.
grpcio: .build-grpc/$(GRPCIO)

.build-grpc/$(GRPCIO):
	@Scripts/install-packages python3-venv
	python3 -m venv .build-grpc
	.build-grpc/bin/pip install --quiet --disable-pip-version-check $(GRPCIO)
	@touch $@
