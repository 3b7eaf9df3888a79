# Everything lives in .venv; `make` with no argument lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
DEMO := demo
PORT ?= 8000
WEB := src/vaglio_server/web
PAGES := $(WEB)/static/staticfiles.json
CLIENTS := tests/clients/node_modules/.package-lock.json
SPARK := $(VENV)/.spark
export VAGLIO_DATA ?= $(abspath ../shared/data)
# Nothing here talks to anything but the package index while setting up.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup spark demo demo-stop test check bench oracle drill clean lock

help:  ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{printf "%-16s %s\n", $$1, $$2}'

setup: $(STAMP) $(PAGES)  ## make .venv with .venv/bin/vaglio, and what pages load

$(STAMP): requirements/dev.txt requirements/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Vaglio needs Python 3.11 or later; set PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)  # a folder made by another tool may lack pip
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# Where the machine has no npm of its own, the one in .venv comes in.
$(PAGES): $(STAMP) $(wildcard $(WEB)/assets/* $(WEB)/assets/styles/*)
	cd $(WEB)/assets && PATH="$$PATH:$(abspath $(BIN))" npm ci --no-progress --loglevel error && PATH="$$PATH:$(abspath $(BIN))" npm run --silent build
	VAGLIO_SECRET_KEY="nothing is signed here" $(BIN)/python manage.py collectstatic --noinput --clear -v0

# The clients that tests drive.
$(CLIENTS): $(STAMP) tests/clients/package-lock.json
	cd tests/clients && PATH="$$PATH:$(abspath $(BIN))" npm ci --no-progress --loglevel error
	@touch $@

# Spark's tests need it, and Java; nobody else does, so a demo is spared its 400 MB.
$(SPARK): $(STAMP) requirements/spark.txt requirements/spark.in
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/spark.txt
	@touch $@

spark: $(SPARK)  ## what --engine spark needs beside Java, 400 MB

demo: setup  ## make a company of 5,000 leads, score it from files by a written and a learned model, then run a server with it on http://127.0.0.1:$(PORT)
	@$(BIN)/vaglio demo --check --port $(PORT)
	$(BIN)/vaglio demo-data $(DEMO) --leads 5000
	$(BIN)/vaglio score models/b2b_software.yaml --leads $(DEMO)/leads.csv --accounts $(DEMO)/accounts.csv \
	  --activities $(DEMO)/activities.csv --field-changes $(DEMO)/field_changes.csv --lists $(DEMO)/lists.csv \
	  --outcomes $(DEMO)/outcomes.csv --as-of 2026-10-01 --out $(DEMO)/scores.csv \
	  --contributions $(DEMO)/contributions.csv --report $(DEMO)/report.html --top 10
	$(BIN)/vaglio learn --method logistic --leads $(DEMO)/leads.csv --accounts $(DEMO)/accounts.csv --activities $(DEMO)/activities.csv \
	  --field-changes $(DEMO)/field_changes.csv --outcomes $(DEMO)/outcomes.csv --positive accepted --horizon 90d --out $(DEMO)/learned.yaml
	$(BIN)/vaglio score $(DEMO)/learned.yaml --leads $(DEMO)/leads.csv --accounts $(DEMO)/accounts.csv \
	  --activities $(DEMO)/activities.csv --field-changes $(DEMO)/field_changes.csv --outcomes $(DEMO)/outcomes.csv --as-of 2026-10-01 \
	  --out $(DEMO)/learned-scores.csv --report $(DEMO)/learned.html
	$(BIN)/vaglio backtest models/b2b_software.yaml --learn logistic --leads $(DEMO)/leads.csv --accounts $(DEMO)/accounts.csv \
	  --activities $(DEMO)/activities.csv --field-changes $(DEMO)/field_changes.csv --lists $(DEMO)/lists.csv --outcomes $(DEMO)/outcomes.csv \
	  --positive accepted --instants 2 --report $(DEMO)/proof.html
	@echo "open $(DEMO)/report.html, and beside it $(DEMO)/learned.html: the same leads by a model learned from what sales accepted; $(DEMO)/proof.html says which of the two held on history"
	$(BIN)/vaglio demo --background --port $(PORT)

demo-stop: setup  ## stop the demo's server
	$(BIN)/vaglio demo --stop

check: export VAGLIO_SECRET_KEY = nothing is signed here
check: setup  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup $(CLIENTS) $(SPARK)  ## every test (under 15 minutes on 2 cores); 50 models on DuckDB, SQLite and PostgreSQL against the oracle, 5 on Spark
	$(BIN)/lint-imports
	VAGLIO_SHOTS=none VAGLIO_ORACLE_EXAMPLES=50 VAGLIO_SPARK_EXAMPLES=5 VAGLIO_LAWS=2 $(BIN)/python -m pytest -n 3 --dist worksteal -m "not drill"

oracle: setup $(SPARK)  ## 1,000 models on DuckDB and SQLite against the oracle, 300 on PostgreSQL and Spark, the same ones each time
	VAGLIO_ORACLE_EXAMPLES=1000 VAGLIO_FEWER_EXAMPLES=300 VAGLIO_SPARK_EXAMPLES=300 $(BIN)/python -m pytest -n 2 --dist worksteal tests/engine/test_equals_oracle.py

drill: setup $(CLIENTS) $(SPARK)  ## long runs: 10,000 fresh models against the oracle, 300 of them on PostgreSQL and on Spark, with all rules and laws there, 100 for each law of scoring and each kept plan, 200 kills of every kind of process, 20 stops of the database, a hang, a full disk, 1,000 replays of a company of 5,000, axe on every page in both themes and widths, Tab through every page both ways, every journey in the browser that make test leaves out, 5,000 questions a role, 10,000 leads converted at once, twice and again, 2,000 forecasts and intervals against the truth, 100 sets of later facts, 5,000 webhooks to a receiver that fails, 500 journeys of leads, which locks wait for which, a million activities on every engine
	VAGLIO_ORACLE_EXAMPLES=10000 VAGLIO_FEWER_EXAMPLES=300 VAGLIO_SPARK_EXAMPLES=300 VAGLIO_ORACLE_SEED=$$(date +%s) $(BIN)/python -m pytest -n 2 --dist worksteal tests/engine/test_equals_oracle.py
	VAGLIO_KILLS=200 VAGLIO_STOPS=20 $(BIN)/python -m pytest tests/server/test_kill.py tests/server/test_disk.py
	VAGLIO_COMPANY=5000 VAGLIO_PAIRS=1000 $(BIN)/python -m pytest -s tests/server/test_agrees.py
	$(BIN)/python -m pytest -m drill tests/server/web
	$(BIN)/python -m pytest -m "not drill" tests/server/web/test_browser.py tests/server/web/test_browser_inbox.py tests/server/web/test_browser_converting.py
	VAGLIO_RUNS=2000 $(BIN)/python -m pytest tests/engine/learning/test_known_truth.py
	VAGLIO_LATER=100 $(BIN)/python -m pytest tests/engine/learning/test_point_in_time.py
	VAGLIO_CONVERSIONS=10000 $(BIN)/python -m pytest -s tests/server/lifecycle/test_many_conversions.py
	$(BIN)/python -m pytest tests/server/test_fuzz.py
	VAGLIO_RUNS=2000 $(BIN)/python -m pytest -s -m drill tests/engine/evaluation
	$(BIN)/python -m pytest -m drill tests/engine/rules tests/engine/test_history.py tests/engine/test_incremental.py tests/engine/test_large_numbers.py tests/engine/test_kept.py tests/engine/test_engine_laws.py tests/engine/test_comparison.py tests/engine/test_dialects.py tests/engine/test_spark.py
	VAGLIO_LAWS=100 VAGLIO_CLOCK_EXAMPLES=400 VAGLIO_INCREMENTAL_EXAMPLES=400 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not spark" tests/engine/test_kept.py tests/engine/test_engine_laws.py tests/engine/test_clock.py tests/engine/test_incremental.py tests/engine/test_dump.py
	VAGLIO_TEXTS=40000 VAGLIO_TIMES=20 $(BIN)/python -m pytest -n 2 --dist worksteal tests/engine/test_footer.py tests/engine/test_looked_back.py tests/engine/test_silent.py tests/engine/test_branches.py tests/engine/test_counted.py tests/engine/test_nodes.py tests/engine/test_prepared.py tests/engine/test_oracle_laws.py tests/engine/test_packing.py
	VAGLIO_WEBHOOKS=5000 VAGLIO_SENDER_KILLS=100 $(BIN)/python -m pytest -s tests/server/connectors/test_at_least_once.py
	VAGLIO_JOURNEYS=500 $(BIN)/python -m pytest tests/server/lifecycle/test_journeys.py
	VAGLIO_GROUPS=200 $(BIN)/python -m pytest tests/server/tracking/test_many_groups.py
	VAGLIO_ORDERS=every $(BIN)/python -m pytest tests/server/views/test_filters.py
	rm -f build/locks.jsonl; mkdir -p build
	VAGLIO_LOCKS=$(CURDIR)/build/locks.jsonl $(BIN)/python -m pytest -n 2 --dist worksteal -m "not drill" tests/server --ignore=tests/server/web
	VAGLIO_LOCKS=$(CURDIR)/build/locks.jsonl $(BIN)/python -m pytest -m drill tests/server/test_lock_order.py
	$(BIN)/python -m pytest -m drill tests/cli tests/engine/learning tests/server/forms tests/server/imports tests/server/views tests/server/scoring tests/server/config tests/server/studies

bench: setup  ## 20 million activities against the bare scan, 1 % new ones against a full run, the intake against a bare insert, a fact to its rating, a lead converted; in benchmarks/results/
	$(BIN)/python -m benchmarks.score
	$(BIN)/python -m benchmarks.compile
	$(BIN)/python -m benchmarks.parts
	$(BIN)/python -m benchmarks.prepared
	$(BIN)/python -m benchmarks.incremental
	$(BIN)/python -m benchmarks.intake
	$(BIN)/python -m benchmarks.pages --leads 100000 --activities 1000000
	$(BIN)/python -m benchmarks.rescore
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.lifecycle
	$(BIN)/python -m benchmarks.convert
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/bench.txt
	$(BIN)/python -m benchmarks.engines
	$(BIN)/python -m benchmarks.scale
	PYTHONWARNINGS=ignore $(BIN)/python -m benchmarks.learning
	PYTHONWARNINGS=ignore $(BIN)/python -m benchmarks.leaks

lock:  ## renew the lock files, with hashes and without addresses
	$(BIN)/uv pip compile -q pyproject.toml --extra server --extra learn --group dev --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 -o requirements/dev.txt
	$(BIN)/uv pip compile -q requirements/bench.in -c requirements/dev.txt --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 -o requirements/bench.txt
	$(BIN)/uv pip compile -q requirements/spark.in -c requirements/dev.txt --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 -o requirements/spark.txt

clean:  ## remove what setup, demo and tests made
	rm -rf $(VENV) $(DEMO) $(WEB)/built $(WEB)/static $(WEB)/assets/node_modules tests/clients/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
