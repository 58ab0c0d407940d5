# What a person does here, and what CI does: the same targets. `make` alone lists them.
#
# Settings, given as `make chat PARLEY_PORT=5006`:
#   PYTHON=…        a Python 3.10 to make .venv with, where the one found is not wanted
#   PARLEY_PORT=…   where the assistant listens (5005)
#   ACTION_PORT=…   where the action server listens (5055)
#   CONVERSATION=…  whose conversation `make chat` goes on with ("terminal")
#   VERBOSE=1       all of Rasa's own log in the chat
#   FORCE=1         train, even where the model is current
#   ARGS=…          more for pytest: make test-fast ARGS='-k lists -x'

SHELL := /bin/sh
python := .venv/bin/python
code := $(wildcard custom_components actions scripts benchmarks tests)

export PARLEY_PORT ACTION_PORT CONVERSATION VERBOSE FORCE
# Rasa reports its use to its makers unless told not to.
export RASA_TELEMETRY_ENABLED := false
# TensorFlow: only what ends the process.
export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup chat serve actions train validate test test-fast pytest \
	lint format types lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

setup: ## Make .venv and install what is pinned in requirements.lock
	@PYTHON='$(PYTHON)' scripts/setup.sh

chat: setup ## Talk to Parley in this terminal; trains first if need be
	@$(python) -m scripts.chat

serve: setup ## The assistant on HTTP (REST channel) with its action server
	@$(python) -m scripts.serve

actions: setup ## The action server alone
	@$(python) -m scripts.serve --actions-only

train: setup ## Train a model, if what it is made from has changed
	@$(python) -m scripts.train

validate: setup ## Check domain, NLU data, rules and stories against each other
	@$(python) -m scripts.validate

test: setup lint types validate pytest ## Everything that must hold

# Trained first: a test that had to train would run into its time limit.
pytest: train
	@$(python) -m pytest $(ARGS)

test-fast: setup ## The tests that take seconds: no training, no servers, no browser
	@$(python) -m pytest -m 'not slow and not services and not browser and not conversation' $(ARGS)

lint: setup ## Look for what ruff finds, change nothing
	@$(python) -m ruff format --check .
	@$(python) -m ruff check .

format: setup ## Let ruff format the code and mend what it can
	@$(python) -m ruff format .
	@$(python) -m ruff check --fix .

types: setup ## Check the types with mypy
	@$(python) -m mypy $(code)

lock: setup ## Make requirements.lock anew from pyproject.toml (UPGRADE=1: newest)
	@UPGRADE='$(UPGRADE)' scripts/lock.sh

clean: ## Remove caches and the environment; models and conversations stay
	@rm -rf .venv .setup.lock .mypy_cache .pytest_cache .ruff_cache .hypothesis .rasa
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
