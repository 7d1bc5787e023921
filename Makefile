# Thin over the command `ecomkafka`: `make help` lists what there is. DOCKER=1 uses docker compose, ARGS="…" passes options on.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
ARGS ?=
WINDOWS := $(filter Windows_NT,$(OS))
BIN := $(if $(WINDOWS),.venv/Scripts,.venv/bin)
SUFFIX := $(if $(WINDOWS),.exe)
STAMP := .venv/ready
SPARK := .venv/spark
COMPOSE := docker compose
export COMPOSE_PROFILES := $(or $(PROFILE),development)

# $(call shop,command,docker compose command): the one or the other, as DOCKER says.
shop = $(if $(DOCKER),$(COMPOSE) $(2),$(BIN)/ecomkafka $(1) $(ARGS))
NEEDED := $(if $(DOCKER),,$(STAMP))
INSIDE := run --rm -T cli

# The sentence that tools/check_python.py has for a Python that is of no use; nothing but Python and a shell is needed.
# Another program says something else, or nothing.
said = $(call verdict,$(PYTHON))
reason = $(if $(filter useless:,$(firstword $(said))),$(wordlist 2,$(words $(said)),$(said)))
verdict = $(shell $(1) tools/check_python.py "$(1)" $(MAKECMDGOALS) 2>$(if $(WINDOWS),nul,/dev/null))
missing = no Python 3.11 or newer runs as '$(PYTHON)': install one, or name it, for example: make demo PYTHON=python3.12
check_python = $(if $(filter useful:,$(said)),,$(error $(or $(reason),$(missing))))

.PHONY: again help build up down logs logs-order logs-inventory logs-notification logs-analytics logs-kafka status \
	create-topics list-topics create-order kafka-ui health clean demo chaos lab test proof bench notebooks exercises lint

# A .venv whose Python is old or gone is made anew.
$(STAMP): requirements.txt pyproject.toml $(if $(realpath $(BIN)/python$(SUFFIX)),,again)
	$(check_python)
	$(PYTHON) -m venv $(if $(filter useful:,$(call verdict,$(BIN)/python)),,--clear) .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -c "import pathlib; pathlib.Path('$(STAMP)').touch()"

# Half a gigabyte, which only the proofs need.
$(SPARK): requirements-spark.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-spark.txt
	@$(BIN)/python -c "import pathlib; pathlib.Path('$(SPARK)').touch()"

help: ## show this list
	$(check_python)@$(PYTHON) -c "import re; [print(f'make {n:<18} {t}') for n, t in re.findall(r'^([a-z -]+):.*?## (.*)', open('Makefile', encoding='utf-8').read(), re.M)]"

build: $(NEEDED) ## fetch and prepare Kafka, or build the image
	$(call shop,build,build)

up: $(NEEDED) ## start broker, topics and services
	$(call shop,up,up --detach --wait)

down: $(NEEDED) ## stop everything; data stay
	$(call shop,down,down)

logs: $(NEEDED) ## follow the logs of all services
	$(call shop,logs --follow,logs --follow)

logs-order logs-inventory logs-notification logs-analytics logs-kafka: logs-%: $(NEEDED) ## follow one
	$(call shop,logs $* --follow,logs --follow $*)

status: $(NEEDED) ## show what runs
	$(call shop,status,ps)

create-topics: $(NEEDED) ## create the topics that are missing
	$(call shop,create-topics,$(INSIDE) create-topics $(ARGS))

list-topics: $(NEEDED) ## show the topics with their settings
	$(call shop,list-topics,$(INSIDE) list-topics $(ARGS))

create-order: $(NEEDED) ## place an order: ARGS="--customer ann --item MOUSE-001=2 --wait"
	$(call shop,create-order,$(INSIDE) create-order $(ARGS))

kafka-ui: $(NEEDED) ## say where to look at what is in Kafka
	$(call shop,kafka-ui,$(INSIDE) kafka-ui)

health: $(NEEDED) ## show each service's group, lag and last commit
	$(call shop,health,$(INSIDE) health $(ARGS))

clean: $(NEEDED) ## stop everything and delete all data: ARGS=--yes doesn't ask
	$(call shop,clean,down --volumes)

demo: $(STAMP) ## tell four cases on a real Kafka, step by step
	$(BIN)/ecomkafka demo $(ARGS)

chaos: $(STAMP) ## break a shop of three brokers for ten minutes, then prove that nothing is lost: ARGS="--seed 7"
	$(BIN)/ecomkafka chaos --seconds 600 --brokers 3 $(ARGS)

lab: $(STAMP) ## open JupyterLab on the first notebook
	$(BIN)/ecomkafka lab $(ARGS)

test: $(STAMP) ## run the tests that kill nothing and the notebooks; with ARGS="tests/unit" just those, of all tests
	$(BIN)/python $(if $(ARGS),-m pytest -n 4 --dist loadfile $(ARGS),tools/run_stages.py test)

proof: $(SPARK) ## run the others: crashes, kills, a browser, each fault under load, a majority of three brokers killed
	$(BIN)/python tools/run_stages.py proof

bench: $(STAMP) ## measure against naive code and the bare client, half an hour: ARGS="saga --plots out"
	$(BIN)/python -m benchmarks $(ARGS)

notebooks: $(STAMP) ## run the lessons from the top and write them back: ARGS="notebooks/06_saga.ipynb" for one
	$(BIN)/python tools/run_notebooks.py $(ARGS)

exercises: $(STAMP) ## make the students' copies, notebooks/exercises, from the masters in notebooks/solutions
	$(BIN)/python tools/make_exercises.py

lint: $(STAMP) ## check style, types, and that versions can read each other's messages
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/ecomkafka schemas check
