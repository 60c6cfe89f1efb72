# Zhida. `make` alone lists what there is. Needs: Debian 12/13 or Ubuntu, Python 3.11 to 3.13, root or sudo for packages.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell deploy/dev/find-python.sh)
BIN := .venv/bin
CODE := $(wildcard services shared deploy tests bench)
POLICY_TESTS := $(wildcard tests/unit/intake tests/unit/routing tests/unit/supervision tests/unit/followup tests/unit/reporting)
POLICY_ROOMS := services/*/domain.py,services/*/domain/*,services/*/workflow.py
# Files of tests run side by side, each of these processes with servers of its own; PROCESSES=1 runs them one after another.
PROCESSES ?= 2
SIDE_BY_SIDE = --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder
CATALOGUES := $(patsubst %.po,%.mo,$(shell find $(wildcard services shared) -name "*.po"))

.PHONY: help setup setup-system setup-tests frontend translations demo stop status test test-full \
        policy pictures coverage lint format bench bench-full migrate lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---------------------------------------------------------------- setting up

setup: .venv/stamp-packages ## make .venv with everything that the lock files name (hashes are checked)
	@:

.venv/stamp-venv:
	@deploy/dev/make-venv.sh "$(PYTHON)" .venv
	@touch $@

.venv/stamp-packages: .venv/stamp-venv requirements-dev.txt requirements-setup.txt pyproject.toml
	@deploy/dev/install-packages.sh .venv
	@touch $@

setup-system: ## install what the demo needs from the distribution: message broker, Chinese fonts, what sets PDF
	@deploy/dev/setup-system.sh rabbitmq-server fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0

setup-tests: setup-system
	@deploy/dev/setup-system.sh chromium prometheus iproute2 libatomic1 clamav-daemon curl openssl dovecot-imapd dovecot-lmtpd libfaketime bubblewrap
	@$(PYTHON) -c 'import test.test_email' 2>/dev/null || deploy/dev/setup-system.sh \
	  $$($(PYTHON) -c 'import sys; print("libpython{}.{}-testsuite".format(*sys.version_info))')
	@command -v npm >/dev/null || deploy/dev/setup-system.sh npm
	@$(MAKE) tests/oidc/node_modules/stamp tests/agencies/node_modules/stamp

tests/%/node_modules/stamp: tests/%/package.json tests/%/package-lock.json
	@npm ci --prefix tests/$* --prefer-offline --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

frontend: shared/web/static/vendor/stamp ## fetch the pages' own JavaScript by package-lock.json
	@:

shared/web/static/vendor/stamp: package.json package-lock.json deploy/dev/frontend.sh
	@deploy/dev/frontend.sh
	@touch $@

translations: setup $(CATALOGUES) ## compile the message catalogues
	@:

%.mo: %.po | .venv/stamp-packages
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

# ---------------------------------------------------------------- running

demo: setup-system setup frontend translations ## a whole county on this machine; prints addresses and sign-in links
	@$(BIN)/python -m deploy.dev demo

stop: ## end the demo; nothing of it goes on running
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy.dev stop; fi

status: setup ## what of the demo is running
	@$(BIN)/python -m deploy.dev status

migrate: setup ## bring every schema in DATABASE_URL up to date
	@$(BIN)/zhida migrate

# ---------------------------------------------------------------- checking

lint: setup ## style, types and the walls between packages
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check --quiet $(CODE) || { echo "run: make format"; exit 1; }
	@$(BIN)/mypy $(CODE)
	@if [ -d services ] && [ -d shared ]; then $(BIN)/lint-imports --no-logo; fi

format: setup ## put the code into its one form
	@$(BIN)/ruff check --fix-only --quiet $(CODE)
	@$(BIN)/ruff format $(CODE)

test: setup-tests setup frontend translations lint policy ## lint, then every test with small counts; sets up what it needs itself
	@$(BIN)/python -m pytest -q -m "not full" $(SIDE_BY_SIDE) $(POLICY_TESTS:%=--ignore=%)

test-full: setup-tests setup frontend translations lint ## every test with the counts that the promises state
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE)

policy: setup translations ## the services' unit tests, which have to take every branch of the rooms of policy
	@mkdir -p .local
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) $(POLICY_TESTS) --cov=services --cov-branch --cov-report= >.local/policy.log \
	  || { tail -40 .local/policy.log; exit 1; }
	@tail -1 .local/policy.log
	@$(BIN)/coverage report --include='$(POLICY_ROOMS)' --fail-under=100

pictures: setup-tests setup frontend translations ## walk through the guides in a browser and take their pictures anew
	@$(BIN)/python -m tests.guides

coverage: setup-tests setup frontend translations ## which branches the tests take
	@$(BIN)/python -m pytest -q -m "not full" --cov --cov-report=term

bench: setup-system setup frontend translations ## measure the promised ratios; minutes
	@$(BIN)/python -m bench

bench-full: setup-system setup frontend translations ## the same at full size; takes its time
	@$(BIN)/python -m bench --full

# ---------------------------------------------------------------- housekeeping

lock: setup ## write the lock files anew from requirements*.in
	@deploy/dev/lock.sh .venv

clean: stop ## remove what can be made again
	@rm -rf .venv .local node_modules shared/web/static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
	  .hypothesis build zhida.egg-info
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
	@find $(CODE) -name '*.mo' -delete
