# make without an argument prints what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# The newest python3 >= 3.11 on the PATH that can make a virtual environment.
PYTHON := $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
  $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)

# What the tests need beside Python: brought by them, nothing is installed.
BROUGHT := $(VENV)/dev $(VENV)/pooler $(VENV)/php/php $(VENV)/chromium/chromium

.PHONY: help demo test matrix kills phps promises coverage mutants lint format words bench lock clean

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/run  ## bridge and simulator; one order is paid before your eyes (ARGS="--once --json" for the scripted story)
	@$(BIN)/switchhook demo $(ARGS)

test: $(BROUGHT)  ## everything that must hold
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

matrix: $(VENV)/dev  ## the whole crash matrix and long histories of the queue; make test runs a part of both
	$(BIN)/pytest -n 3 tests/matrix tests/bridge/store/test_engine_model.py --matrix=whole $(ARGS)

kills: $(VENV)/dev  ## 20 kills over 12,000 top-ups on both databases, one JSON line each; make test has a smaller one
	$(BIN)/pytest tests/rigs/test_kills.py --kills=whole $(ARGS)

phps: $(BROUGHT) $(VENV)/php-ends/ready  ## hooks/whmcs on the oldest and the newest PHP it is for (needs node and npm)
	$(BIN)/pytest -q tests/hooks/whmcs/other_php.py $(ARGS)

promises: $(BROUGHT)  ## which numbered promises are proven (DEEP=1: without its guard a test of it must turn red)
	$(BIN)/pytest -q -n auto --dist worksteal --promises $(ARGS)
	$(if $(DEEP),@$(BIN)/python -m tests.mutations)

coverage: $(VENV)/dev  ## every line and branch of the rules, walked by their own tests alone
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n auto --dist worksteal -p tests.mutations.quick -W ignore::pytest.PytestAssertRewriteWarning tests/provisioning/core
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

mutants: $(VENV)/dev  ## what can be wrong in the rules on money, and how much of it is seen (ONLY=module for one)
	@$(BIN)/python -m tests.mutations.score $(ONLY)

lint: $(VENV)/dev  ## format, rules, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev  ## let ruff put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

words: $(VENV)/run  ## bring bridge/words/*.po up to what is said; then write what is missing there
	@$(BIN)/python -m bridge.words.extract

bench: $(VENV)/dev $(VENV)-peers/ready  ## one JSON line per figure (ONLY=name for one)
	@$(BIN)/python -m bench $(ONLY)

lock:  ## bring requirements*.lock up to pyproject.toml (needs uv)
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url -c requirements.lock requirements-build.in -o requirements-build.lock
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url bench/peers.in -o bench/peers.lock

clean:  ## forget the virtual environment and what was built
	rm -rf $(VENV) $(VENV)-peers build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo 'no python3 >= 3.11 with venv on the PATH; install one (on Debian: python3 python3-venv)'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: $(VENV)/bin/python requirements.lock requirements-build.lock pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock -r requirements-build.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/pooler: tests/install-pgbouncer tests/unpacking.sh $(VENV)/bin/python
	@tests/install-pgbouncer $(VENV)/pgbouncer
	@touch $@

$(VENV)/php/php: tests/install-php tests/unpacking.sh $(VENV)/bin/python
	@tests/install-php $(VENV)/php

$(VENV)/chromium/chromium: tests/install-chromium tests/unpacking.sh $(VENV)/bin/python
	@tests/install-chromium $(VENV)/chromium

$(VENV)/php-ends/ready: tests/install-php-ends $(VENV)/bin/python
	@tests/install-php-ends $(VENV)/php-ends

$(VENV)-peers/ready: bench/peers.lock
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/pip install -q --disable-pip-version-check --require-hashes -r bench/peers.lock
	@touch $@
