# Each target makes what it needs: the environment in .venv, with only the packages that the target uses.
# PYTHON=... picks the interpreter that makes the environment.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PYTEST_ARGS ?=
SPHINX_ARGS ?= -q
BENCH_ARGS ?=
CHAOS_ARGS ?=

# A name on PATH may be a shim of an interpreter that is not there: only one that runs, is new enough and can make
# environments will do.
PYTHON_WORKS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Workers of the tests and the processes that they start would compile every module again, several hundred times in all.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the targets
	@echo "make <target>, where <target> is one of"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(INSTALLED)-runtime ## Seed a small LMS, issue its credentials with a real beat and worker, verify one, and end
	@$(BIN)/python manage.py run_demo

.PHONY: serve
serve: $(INSTALLED)-runtime ## Serve the same LMS to click through, with beat and worker
	@$(BIN)/python manage.py serve_demo

.PHONY: test
test: $(INSTALLED)-test ## Run the test suite (needs nothing but Python)
	@$(BIN)/pytest -n auto -m "not services and not slow" $(PYTEST_ARGS)

.PHONY: test-services
test-services: $(INSTALLED)-test ## Run it on PostgreSQL and MariaDB, and real workers on Redis and RabbitMQ
	@$(BIN)/python scripts/test_services.py

.PHONY: test-lowest
test-lowest: $(INSTALLED)-versions ## Run it on Python 3.11 with the lowest versions that the package declares
	@$(BIN)/python scripts/test_versions.py lowest

.PHONY: test-open-edx
test-open-edx: $(INSTALLED)-versions ## Run it with the versions that the lines of Open edX pin
	@$(BIN)/python scripts/test_versions.py ulmo verawood master

.PHONY: chaos
chaos: $(INSTALLED)-test ## Kill workers, restart brokers, cut databases, fail storage and mail while issuing (CHAOS_ARGS=--help)
	@cd scripts && ../$(BIN)/python -c "import test_services; test_services.install_clients()"
	@$(BIN)/python -m tests.services.chaos $(CHAOS_ARGS)

.PHONY: bench
bench: $(INSTALLED)-bench ## Measure the engine and issuing against programs written the plain way (BENCH_ARGS=--quick for seconds)
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

# Types take as long as all the rest: two at a time, each with its output in one piece.
CHECKS := lint-types lint-docs lint-style lint-layers lint-migrations lint-schema

.PHONY: lint
lint: $(INSTALLED)-test $(INSTALLED)-lint $(INSTALLED)-docs ## Check style, types, import layers, migrations, API schema and docs
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target $(CHECKS)
	@echo "lint: all is well"

.PHONY: $(CHECKS)
lint-types:
	@echo "==> mypy"
	@$(BIN)/mypy
lint-docs:
	@echo "==> docs"
	@$(BIN)/sphinx-build -W --keep-going -b html $(SPHINX_ARGS) docs docs/_build/html
lint-style:
	@echo "==> ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
lint-layers:
	@echo "==> import layers"
	@$(BIN)/lint-imports
lint-migrations:
	@echo "==> migrations"
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m django makemigrations --check --dry-run --skip-checks
lint-schema:
	@echo "==> API schema"
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m django spectacular --validate --fail-on-warn --skip-checks --file /dev/null

.PHONY: messages
messages: $(INSTALLED)-test ## Collect the texts that learners and readers see, and compile their translations
	@$(BIN)/python scripts/messages.py

.PHONY: screenshots
screenshots: $(INSTALLED)-browser ## Take the pictures of the pages in the docs, in a real browser
	@$(BIN)/python scripts/browser_tools.py
	@$(BIN)/pytest -q tests/browser/take_screenshots*.py

.PHONY: docs
docs: $(INSTALLED)-docs ## Build the documentation into docs/_build/html
	@$(BIN)/sphinx-build -W --keep-going -b html $(SPHINX_ARGS) docs docs/_build/html
	@echo "open docs/_build/html/index.html"

$(VENV)/.made:
	@if ! $(BIN)/python -c "$(PYTHON_WORKS)" >/dev/null 2>&1; then \
		python=""; \
		for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
			if "$$candidate" -c "$(PYTHON_WORKS)" >/dev/null 2>&1; then python="$$candidate"; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "No Python 3.11 or newer that can make environments was found (on Debian: apt-get install python3-venv)." >&2; \
			exit 1; \
		fi; \
		echo "==> Making the environment in $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv --clear $(VENV); \
	fi
	@touch $@

$(INSTALLED)-runtime: pyproject.toml $(VENV)/.made
	@echo "==> Installing the project into $(VENV) (the first time takes a minute)"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(INSTALLED)-%: pyproject.toml $(VENV)/.made
	@echo "==> Installing the project and its '$*' tools into $(VENV) (the first time takes a minute)"
	@$(BIN)/python -m pip install --quiet --editable '.[$*]'
	@touch $@ $(INSTALLED)-runtime

.PRECIOUS: $(INSTALLED)-%
