# Everything lives in .venv; `make` with no argument lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
DEMO := demo
CLIENTS := tests/clients/node_modules/.package-lock.json
export VAGLIO_DATA ?= $(abspath ../shared/data)
# Nothing here talks to anything but the package index while setting up.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup demo test check bench oracle drill clean lock

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | awk -F: '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(STAMP)  ## make .venv with .venv/bin/vaglio

$(STAMP): requirements/dev.txt requirements/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Vaglio needs Python 3.11 or later; set PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)  # a folder made by another tool may lack pip
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# The clients that tests drive; where the machine has no npm of its own, the one in .venv comes in.
$(CLIENTS): $(STAMP) tests/clients/package-lock.json
	cd tests/clients && PATH="$$PATH:$(abspath $(BIN))" npm ci --no-progress --loglevel error
	@touch $@

demo: setup  ## make a company of 5,000 leads, score it, print the top leads, write the report
	$(BIN)/vaglio demo-data $(DEMO) --leads 5000
	$(BIN)/vaglio score models/b2b_software.yaml --leads $(DEMO)/leads.csv --accounts $(DEMO)/accounts.csv \
	  --activities $(DEMO)/activities.csv --field-changes $(DEMO)/field_changes.csv --lists $(DEMO)/lists.csv \
	  --outcomes $(DEMO)/outcomes.csv --as-of 2026-10-01 --out $(DEMO)/scores.csv \
	  --contributions $(DEMO)/contributions.csv --report $(DEMO)/report.html --top 10
	@echo "open $(DEMO)/report.html"

check: export VAGLIO_SECRET_KEY = nothing is signed here
check: setup  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup $(CLIENTS)  ## every test (under 15 minutes on 2 cores); 500 models against the oracle
	$(BIN)/lint-imports
	VAGLIO_ORACLE_EXAMPLES=500 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not drill"

oracle: setup  ## 1,000 models against the oracle, the same ones each time
	VAGLIO_ORACLE_EXAMPLES=1000 $(BIN)/python -m pytest -n 2 --dist worksteal tests/engine/test_equals_oracle.py

drill: setup $(CLIENTS)  ## long runs: 10,000 fresh models against the oracle, 60 kills of web, worker and database
	VAGLIO_ORACLE_EXAMPLES=10000 VAGLIO_ORACLE_SEED=$$(date +%s) $(BIN)/python -m pytest -n 2 --dist worksteal tests/engine/test_equals_oracle.py
	VAGLIO_KILLS=60 $(BIN)/python -m pytest tests/server/test_kill.py

bench: setup  ## 20 million activities against the bare scan, the intake against a bare insert, a fact to its rating; in benchmarks/results/
	$(BIN)/python -m benchmarks.score
	$(BIN)/python -m benchmarks.intake
	$(BIN)/python -m benchmarks.live

lock:  ## renew the lock files, with hashes and without addresses
	$(BIN)/uv pip compile -q pyproject.toml --extra server --group dev --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 -o requirements/dev.txt

clean:  ## remove what setup, demo and tests made
	rm -rf $(VENV) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
