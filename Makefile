# Two commands for a newcomer: `make demo` and `make test`. Everything they need is installed into .venv/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARCHITECTURE ?= arm64
# Lambda's own version, wherever it is; a version manager's shim that leads nowhere does not count.
PYTHON313 ?= $(shell for found in python3.13 "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.13.*/bin/python3.13; do \
	"$$found" -c 'import sys; print(sys.executable)' 2>/dev/null && break; done)
MACHINE := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)

.PHONY: demo help test check build bench bench-deployed load soak mutants invoke e2e e2e-short lock clean

demo: $(VENV)/demo.done  ## one order and the 600 days that follow, in seconds
	$(BIN)/perennial demo

help:  ## this list
	@sed -nE 's/^([a-z0-9-]+):.*  ## (.*)/\1|\2/p' Makefile | awk -F'|' '{printf "%-16s%s\n", $$1, $$2}'

check: $(VENV)/dev.done $(VENV)/checkov.done  ## formatting, lint, types, import direction, templates, content
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint template.yaml infra/*.yaml
	$(VENV)/checkov/bin/checkov --framework cloudformation --skip-download --quiet --compact \
		$(foreach file,template.yaml $(wildcard infra/*.yaml),--file $(file))
	$(BIN)/perennial check

test: check  ## what CI runs on every change; then it runs e2e-short
	$(BIN)/pytest -n auto --dist loadfile

soak: $(VENV)/demo.done  ## laws under a storm of faults, for some minutes
	$(BIN)/perennial simulate --customers 2000 --days 400 --faults storm --seed 7

mutants: $(VENV)/dev.done  ## defects planted one at a time: each must turn the simulation red
	$(BIN)/pytest tests/simulation/planted.py

bench: $(VENV)/dev.done  ## speed, calls and memory, as ratios against a named floor
	$(BIN)/python -m benchmarks

load: $(VENV)/dev.done  ## ten thousand orders while as many touches are due: nothing lost or doubled, nobody stuck; some ten minutes
	$(BIN)/python -m benchmarks.load

build: $(VENV)/sam.done $(VENV)/demo.done  ## what `sam deploy` uploads, into .aws-sam/build
	SAM_CLI_TELEMETRY=0 $(VENV)/sam/bin/sam validate --lint
	RELEASE="$$(find cli layers/engine templates -type f -not -path '*/__pycache__/*' | LC_ALL=C sort | xargs cat | cksum | tr ' ' -)" \
	PATH="$(CURDIR)/$(BIN):$$PATH" SAM_CLI_TELEMETRY=0 ARCHITECTURE=$(ARCHITECTURE) \
		$(VENV)/sam/bin/sam build --parameter-overrides Architecture=$(ARCHITECTURE)

DOCKER ?= docker
ENV ?= env.json
invoke:  ## one built function on its sample event, by sam local invoke: make invoke FUNCTION=AdvanceCustomer
	@test -n "$(FUNCTION)" || { echo "which one? make invoke FUNCTION=$$(ls events | sed 's/\.json//' | paste -sd'|' -)" >&2; exit 1; }
	@test -f "events/$(FUNCTION).json" || { echo "there is no events/$(FUNCTION).json, but $$(ls events | paste -sd' ' -)" >&2; exit 1; }
	@"$(DOCKER)" info >/dev/null 2>&1 || { \
		echo "sam local invoke needs Docker, and none answers here; make e2e starts each function without it" >&2; exit 1; }
	@test -d .aws-sam/build || $(MAKE) build
	$(VENV)/sam/bin/sam local invoke "$(FUNCTION)" --event "events/$(FUNCTION).json" --env-vars "$(ENV)"

ifeq ($(strip $(PYTHON313)),)
e2e e2e-short bench-deployed:
	@echo "make $@ is SKIPPED: it runs the functions with python3.13, which is not here. PYTHON313=/path/to/it helps." >&2
else
e2e: $(VENV)/dev.done $(VENV)/e2e.done $(VENV)/runtime.done  ## build, deploy to a stand-in for AWS on this machine, and try it as a shop would
	PATH="$$(dirname "$(PYTHON313)"):$$PATH" $(MAKE) build ARCHITECTURE=$(MACHINE)
	PERENNIAL_E2E=yes $(BIN)/pytest tests/adapters
	PERENNIAL_E2E=yes $(BIN)/pytest tests/deployed

e2e-short: $(VENV)/dev.done $(VENV)/e2e.done $(VENV)/runtime.done  ## the same in minutes: without the adapters alone, and without what goes wrong on the wire
	PATH="$$(dirname "$(PYTHON313)"):$$PATH" $(MAKE) build ARCHITECTURE=$(MACHINE)
	PERENNIAL_E2E=yes $(BIN)/pytest tests/deployed/test_deployed.py tests/deployed/test_runtime.py

bench-deployed: $(VENV)/dev.done $(VENV)/e2e.done $(VENV)/runtime.done  ## built functions under Lambda's runtime, and orders through the deployed bundle
	PATH="$$(dirname "$(PYTHON313)"):$$PATH" $(MAKE) build ARCHITECTURE=$(MACHINE)
	$(BIN)/python -m benchmarks.deployed
endif

lock:  ## pin what requirements/*.in ask for, with hashes
	./requirements/lock

clean:  ## forget what was installed and built
	rm -rf $(VENV) build .aws-sam .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo.done: requirements/demo.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/demo.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.done: requirements/dev.txt $(VENV)/demo.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/sam.done $(VENV)/checkov.done: $(VENV)/%.done: requirements/%.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/$*
	$(VENV)/$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/$*.txt
	@touch $@

$(VENV)/e2e.done $(VENV)/runtime.done: $(VENV)/%.done: requirements/%.txt
	$(PYTHON313) -m venv $(VENV)/$*
	$(VENV)/$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/$*.txt
	@touch $@
