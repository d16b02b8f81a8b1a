# Everything a person types. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
CODE := plugins dags sandbox tests benchmarks

# Python compiles what it imports once, not in each of the many processes, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

# A DATE, REGISTRY or RECORDS given to make is handed on; what is not given is not mentioned.
NIGHT := $(if $(DATE),--date '$(DATE)') $(if $(REGISTRY),--registry '$(REGISTRY)') $(if $(RECORDS),--records '$(RECORDS)')

.PHONY: help install nightly up down test proofs rehearse check lint format lock clean

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\n  make nightly DATE=2026-11-24 REGISTRY=enterprises.csv RECORDS=1000   all three may be left out\n'

nightly: $(INSTALLED)  ## Run one night, from business systems to platforms, and show its ledger
	@$(BIN)/xinyong nightly $(NIGHT)

up: $(INSTALLED)  ## Start everything and leave it running to look at
	@$(BIN)/xinyong up

down:  ## Stop everything that runs
	@if [ -x $(BIN)/xinyong ]; then $(BIN)/xinyong down; else echo 'Nothing is installed here, so nothing runs.'; fi

test: $(INSTALLED) git  ## Run the whole test suite
	@$(BIN)/python -m pytest -n 4 --no-loadscope-reorder $(ARGS)

proofs: $(INSTALLED) git  ## Run the tests that take minutes: every rule switched off and turned round, large tables
	@$(BIN)/python -m pytest -n 4 --no-loadscope-reorder -m proofs $(ARGS)

rehearse: $(INSTALLED)  ## Kill, cut and starve a small night at every point, and compare (ARGS="--every 7": a sample)
	@$(BIN)/xinyong rehearse $(ARGS)

check: lint test  ## What CI holds against a change: format, lint, types, SQL, tests

lint: $(INSTALLED)  ## The part of check that runs nothing
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy & mypy=$$!; $(BIN)/sqlfluff lint --disable-progress-bar sql; wait $$mypy

format: $(INSTALLED)  ## Bring Python and SQL into their form
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/sqlfluff fix --disable-progress-bar sql

lock: $(INSTALLED)  ## Choose versions anew where pyproject.toml asks for it (ARGS=--upgrade: everywhere)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --group dev $(ARGS) --output-file requirements.lock pyproject.toml

install: $(INSTALLED)  ## Make the environment of this folder, from the lock

clean: down  ## Delete what these commands made here: environment, data, reports
	@if [ -x $(BIN)/python ]; then $(BIN)/python -c 'from xinyong.postgres import EmbeddedPostgres as E; \
	    from xinyong.settings import var_dir; E(var_dir()).remove()'; fi
	@rm -rf $(VENV) $${XINYONG_VAR:-var} .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(INSTALLED): requirements.lock pyproject.toml
	@.ci/install $(VENV)

.PHONY: git
git:
	@command -v git >/dev/null || { echo 'git is missing; the tests ask it which files belong to the project. Install git.' >&2; exit 1; }
