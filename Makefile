# `make` alone lists the commands.
.DEFAULT_GOAL := help
SHELL := /bin/bash
SHOP ?= sample
PORT ?= 8080
PYTHON ?= python3.11
BIN := .venv/bin
export PYTHONPATH := $(CURDIR)

.PHONY: help setup run train sample-shop score query ui rollback rollback-model backtest oracle staleness bench check-shop replay faults identity-bench product-bench test daily-loads lint dbt-docs lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'
	@echo; echo "  SHOP=$(SHOP) names the shop (shops.yml); AS_OF=YYYY-MM-DD predicts from an earlier date."

setup: .venv/.ready ## make the virtual environment and Airflow's database (every command does, when needed)

# The lock's own uv installs the lock: several times faster than pip, and as strict about hashes.
.venv/.ready: requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 was expected as $(PYTHON); name yours with PYTHON=…"; exit 1; }
	$(PYTHON) -m venv .venv
	awk '/^uv==/ {found=1} found {print} found && !/\\$$/ {exit}' requirements.txt > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.txt
	$(BIN)/python -m forecart.airflow_env
	@touch $@

run: setup $(if $(filter sample,$(SHOP)),.sample-shop) ## take a shop from its raw tables to published predictions  [SHOP=… AS_OF=YYYY-MM-DD]
	@$(BIN)/python -m forecart.cli.run --shop $(SHOP) $(if $(AS_OF),--as-of $(AS_OF))

train: setup ## train a model for each question from the marts that are there, as Sundays do  [SHOP=…]
	@$(BIN)/python -m forecart.cli.run --shop $(SHOP) --train

sample-shop: setup ## simulate a shop whose truth is known  [SCALE=1 SEED=1 CUSTOMERS=… DRIFT=on|YYYY-MM-DD SHOP_DB=postgresql+psycopg://…]
	@$(BIN)/python -m sample_shop --scale $(or $(SCALE),1) --seed $(or $(SEED),1) $(if $(CUSTOMERS),--customers $(CUSTOMERS)) \
		$(if $(DRIFT),--drift $(filter-out on,$(DRIFT))) $(if $(SHOP_DB),--shop-db $(SHOP_DB))

# The sample shop's sources, small, unless it has been made in any size.
.sample-shop: setup
	@$(BIN)/python -m sample_shop --scale 0.2 --if-missing

score: setup ## what became of every planted error of the sample shop, proved by value [SHOP=sample]
	@$(BIN)/python -m sample_shop.score --shop $(SHOP)

query: setup ## ask the published file, with example questions          [SHOP=… AS_OF=YYYY-MM-DD]
	@$(BIN)/python -m forecart.cli.query --shop $(SHOP) $(if $(AS_OF),--as-of $(AS_OF))

ui: setup ## start the Airflow web UI on 127.0.0.1:8080, Ctrl-C stops it  [PORT=…]
	@PORT=$(PORT) exec $(BIN)/python -m forecart.cli.ui

rollback: setup ## publish the version before the one that serves          [SHOP=…]
	@$(BIN)/python -m forecart.cli.rollback --shop $(SHOP)

rollback-model: setup ## let the champion before the one that serves serve again   [SHOP=… QUESTION=…]
	@$(BIN)/python -m forecart.cli.rollback_model --shop $(SHOP) --question $(QUESTION)

backtest: setup ## models against baselines on three 30-day cut-offs        [SHOP=… QUESTION=… FINAL=1 ABLATION=1 PLAN=days]
	@$(BIN)/python -m ml.backtest --shop $(SHOP) $(if $(QUESTION),--question $(QUESTION)) $(if $(filter 1,$(FINAL)),--final) $(if $(filter 1,$(ABLATION)),--ablation) $(if $(PLAN),--planned-days $(PLAN))

oracle: setup ## purchases and the restocking plan against the sample shop's truth
	@$(BIN)/python -m ml.oracle
	@$(BIN)/python -m ml.demand.truth

staleness: setup ## what a training that knows nothing from a day on loses against one that does  [SHOP=… SINCE=YYYY-MM-DD QUESTION=…]
	@$(BIN)/python -m ml.staleness --shop $(SHOP) --since $(or $(SINCE),2025-10-01) $(if $(QUESTION),--question $(QUESTION))

bench: setup ## time and memory of runs, and how they grow with the shop      [SHOP=…]
	@$(BIN)/python -m forecart.cli.bench --shop $(SHOP)

check-shop: setup ## what a shop's declarations and staging models lack       [SHOP=…]
	@$(BIN)/python -m forecart.cli.check_shop --shop $(SHOP)

replay: setup ## judge quarantined rows anew, after a declaration was put right [SHOP=…]
	@$(BIN)/python -m forecart.cli.replay --shop $(SHOP)

identity-bench: setup ## who is who, against truth: precision, recall, time, memory  [SIZE="100000 1000000" SEED=101 DATA=folder of the public sets]
	@$(BIN)/python -m forecart.cli.identity_bench $(if $(SIZE),--size $(SIZE)) $(if $(SEED),--seed $(SEED)) $(if $(DATA),--data $(DATA))

product-bench: setup ## product matching against truth, beside baselines  [BENCHMARK=a folder of two catalogues and gt.csv]
	@$(BIN)/python -m matching.bench $(if $(BENCHMARK),--benchmark $(BENCHMARK))

faults: setup ## the catalogue of bad input: expected and seen behaviour of each
	@$(BIN)/python -m tests.faults

test: lint ## every check: lint, unit, property, dbt, end to end, web UI
	$(BIN)/python -m pytest --numprocesses 2 --no-loadscope-reorder

daily-loads: setup ## thirty days of online_retail: one by one, in any order and at once they give the same marts
	DAYS=30 $(BIN)/python -m pytest tests/pipeline/test_daily_loads.py

lint: setup ## ruff and sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models

dbt-docs: setup ## data dictionary and lineage of a shop as a web page, build/dbt-docs/index.html  [SHOP=…]
	@$(BIN)/python -m forecart.cli.dbt_docs --shop $(SHOP)

lock: setup ## lock requirements.in anew into requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-header --upgrade -o requirements.txt requirements.in

clean: ## remove what tests and builds leave; data and models stay
	rm -rf build .pytest_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
