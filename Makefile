# Needs git, make and Python 3.11 or later with venv; everything else is installed into .venv.
#
# A target of your own: `name: setup ## What it does`, its commands below, and its name after .PHONY.
# `make help` picks up the text behind the two hashes.

# Where `python3` was compiled without profile-guided optimisation, as pyenv does it, the system's own is up to twice as
# fast: some milliseconds of small steps say which of them .venv is made with. They run in turn, and who is faster most
# often is taken: others use the machine, too, and a fast moment of it says nothing about Python.
SPEED := import sys, timeit, venv, ensurepip; sys.version_info < (3, 11) and sys.exit(1); \
  print(min(timeit.repeat("s.partition(s); d.get(s); [x for x in s if x]", "s = str(12); d = {s: 1}", number=20_000)))
FASTER := for p in python3 /usr/bin/python3; do s=$$($$p -c '$(SPEED)' 2>/dev/null) && echo $$s $$p; done | sort -g | sed -n '1s/.* //p'
FASTEST := for turn in 1 2 3 4 5 6 7; do $(FASTER); done | sort | uniq -c | sort -rn | sed -n '1s/.* //p'
PYTHON ?= $(or $(shell $(FASTEST)),python3)
PORT ?= 8080
PYTEST_ARGS ?= -n auto
BENCH_ARGS ?=
MINUTES ?= 20
LARGE := $(addprefix tests/,access history http proposals registry rollback validation)

BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help setup run test large-test lint bench bench-full soak crash-test power-test concurrency-test fuzz-test feed-test people-test

help: ## List the targets
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / {printf "make %-18s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## Make .venv and install everything into it

$(STAMP): pyproject.toml
	@python='$(PYTHON)'; \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This Python is older than 3.11: make PYTHON=python3.x setup")' && \
	echo "$$python -m venv .venv" && $$python -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)

run: setup ## Serve this repository on 127.0.0.1:8080 (PORT=n for another port), print a token
	$(BIN)/attune-registry serve --repo . --host 127.0.0.1 --port $(PORT) --demo-token

test: setup ## Run the tests (PYTEST_ARGS='-n 2 -k name' is passed on)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

large-test: setup ## Those that have a repository of their own, with 10,000 workflows more in it (half an hour)
	ATTUNE_TEST_AMONG=10000 $(BIN)/python -m pytest -o tmp_path_retention_policy=failed $(PYTEST_ARGS) $(LARGE)

lint: setup ## Ruff and mypy
	$(BIN)/ruff check src tests bench proofs
	$(BIN)/ruff format --check src tests bench proofs
	$(BIN)/mypy

bench: setup ## Speed beside references, 1,000 and 10,000 workflows (BENCH_ARGS='--only get-one' is passed on)
	$(BIN)/python -m bench $(BENCH_ARGS)

bench-full: setup ## The same, with 100,000 workflows and longer runs
	$(BIN)/python -m bench --full $(BENCH_ARGS)

soak: setup ## Everything at once for 20 minutes (MINUTES=n): nothing may grow, nothing get lost
	$(BIN)/python -m bench soak --minutes $(MINUTES)

crash-test: setup ## kill -9 at any moment, 200 rounds: nothing acknowledged is lost, nothing is half there
	$(BIN)/python -m proofs.crash $(PROOF_ARGS)

power-test: setup ## Pull the plug at any moment, 30 rounds: nothing acknowledged was only in the disk's cache (Linux, root)
	$(BIN)/python -m proofs.power $(PROOF_ARGS)

concurrency-test: setup ## 2,000 writes by 16 clients: the line of commits explains every answer
	$(BIN)/python -m proofs.concurrency $(PROOF_ARGS)

fuzz-test: setup ## 5,000 bodies and 5,000 files, damaged and hostile: no 5xx, nothing outside packs/ touched
	$(BIN)/python -m proofs.fuzz $(PROOF_ARGS)

feed-test: setup ## 2,000 writes on 2 workers and 200 commits pulled: a consumer cut off at random misses nothing
	$(BIN)/python -m proofs.feed $(PROOF_ARGS)

people-test: setup ## git at work for 2 minutes in the clone that the API writes to: nothing is lost on either side
	$(BIN)/python -m proofs.people $(PROOF_ARGS)
