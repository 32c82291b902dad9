# NeuroGrid. `make demo` shows it, `make test` checks it, `make help` lists the rest.
.POSIX:

PREFIX = /usr/local
DESTDIR =
# Warnings are errors in tests and lint; a compiler newer than the one we know may say: make test NEUROGRID_STRICT=0
NEUROGRID_STRICT = 1
SWIFT = swift
SWIFT_FOLDERS = Package.swift Sources Tests Agent Coordinator Benchmarks
RELEASE_FLAGS = -c release --static-swift-stdlib
# How long each fuzz target runs, and which: none named, all of Tests/Fuzz.
SECONDS = 60
TARGET =
# How many histories the simulator lives (none named: 100000, of a scenario 20), which planted bug it is to find, and
# which scenario it lives instead: fraud.
SEEDS =
BUG =
SCENARIO =
# How many task specifications are made up, and from which seed on.
COUNT = 1000
SEED = 1

# The Autobahn suite's program, and how to call it otherwise: see Tests/Conformance/run.sh.
AUTOBAHN = wstest
AUTOBAHN_RUNNER =

.PHONY: help deps build release demo test lint test-tsan test-asan coverage conformance fuzz fuzz-tasks simulate \
    chaos partition bench campaigns install clean

help:
	@echo 'make deps     install what the build needs (Debian; says what it changes)'
	@echo 'make build    debug build of everything'
	@echo 'make release  optimised programs without a Swift runtime to install: .build/release'
	@echo 'make demo     coordinator and agent on this machine, live events until Ctrl-C'
	@echo '              (NEUROGRID_DEMO_SECONDS=15 ends by itself)'
	@echo 'make test     all tests, third-party clients against the real programs included'
	@echo 'make test-tsan, make test-asan'
	@echo '              the same tests under ThreadSanitizer, AddressSanitizer with leaks'
	@echo 'make coverage region coverage by module; fails below 95 % of Bytes, Web or a dialect'
	@echo 'make conformance'
	@echo '              the Autobahn suite in both roles, where there is one, and our own reproduction of its cases'
	@echo 'make lint     formatting, scripts, systemd units'
	@echo 'make fuzz     every fuzz target for a minute each, or as SECONDS=10 TARGET=json says; a finding fails'
	@echo 'make fuzz-tasks COUNT=$(COUNT) made-up task specifications against a whole grid under strace, from SEED=$(SEED) on'
	@echo 'make simulate seeded histories of a whole grid in virtual time, SEEDS=100000; BUG=name (or all) plants one to find;'
	@echo '              SCENARIO=fraud: three providers of ten cheat, and how much of the pay is fraud'
	@echo 'make bench    the benchmarks; SHORT=1 for a smoke test'
	@echo 'make campaigns  sieges of the coordinator, with bounds that must hold; SHORT=1 likewise'
	@echo 'make chaos    kill -9 of coordinator and agents while tasks run; nothing acknowledged may be lost or paid twice'
	@echo 'make partition'
	@echo '              an agent cut off in every half-open way (needs root): its tasks never run twice at a time'
	@echo 'make install  programs, units and users; honours PREFIX ($(PREFIX)) and DESTDIR'
	@echo 'make clean    remove what was built'

deps:
	@bash Scripts/deps.sh

build: deps
	$(SWIFT) build

release: deps
	$(SWIFT) build $(RELEASE_FLAGS) --product neurogrid-coordinator
	$(SWIFT) build $(RELEASE_FLAGS) --product neurogrid-agent
	$(SWIFT) build $(RELEASE_FLAGS) --product neurogridctl

demo: deps
	@bash Scripts/demo.sh

# The runner's own summary is the last thing printed.
test: deps lint
	@$(MAKE) -s -C Tests/FakeNVML
	NEUROGRID_STRICT=$(NEUROGRID_STRICT) $(SWIFT) build --build-tests
	@NEUROGRID_STRICT=$(NEUROGRID_STRICT) SWIFT='$(SWIFT)' bash Scripts/test.sh

lint: deps
	@SWIFT='$(SWIFT)' bash Scripts/lint.sh $(SWIFT_FOLDERS)

test-tsan: deps
	@$(MAKE) -s -C Tests/FakeNVML
	@SWIFT='$(SWIFT)' bash Scripts/sanitize.sh thread

test-asan: deps
	@$(MAKE) -s -C Tests/FakeNVML
	@SWIFT='$(SWIFT)' bash Scripts/sanitize.sh address

coverage: deps
	@$(MAKE) -s -C Tests/FakeNVML
	@SWIFT='$(SWIFT)' bash Scripts/coverage.sh

conformance: deps
	$(SWIFT) build $(RELEASE_FLAGS) --product neurogrid-echo
	$(SWIFT) build --build-tests
	@SWIFT='$(SWIFT)' AUTOBAHN='$(AUTOBAHN)' AUTOBAHN_RUNNER='$(AUTOBAHN_RUNNER)' bash Tests/Conformance/run.sh

fuzz: deps
	@SWIFT='$(SWIFT)' bash Tests/Fuzz/run.sh '$(SECONDS)' $(TARGET)

simulate: deps
	@SWIFT='$(SWIFT)' bash Tests/Simulation/run.sh '$(SEEDS)' '$(BUG)' '$(SCENARIO)'

bench: deps
	@bash Benchmarks/run.sh

chaos: deps
	@SWIFT='$(SWIFT)' bash Tests/Campaigns/run.sh chaos

fuzz-tasks: deps
	@SWIFT='$(SWIFT)' ARGUMENTS='--count $(COUNT) --seed $(SEED)' bash Tests/Campaigns/run.sh tasks

partition: deps
	@SWIFT='$(SWIFT)' bash Tests/Campaigns/run.sh partition

campaigns: deps
	@SWIFT='$(SWIFT)' bash Tests/Campaigns/run.sh

install:
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' bash Scripts/install.sh

clean:
	rm -rf .build .demo
