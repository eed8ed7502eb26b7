# What one types: make demo, make test. Each target makes the virtual environment it needs, once.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
DEMO_VENV ?= .venv-demo
NOTEBOOK_VENV ?= .venv-notebook
BENCH_VENV ?= .venv-bench
INTEGRATION_VENV ?= .venv-integration
VERSIONS ?= 3.11 3.12 3.13
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo notebook test test-all test-integration lint format cover bench crash soak faults clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 — /p' Makefile

demo: $(DEMO_VENV)/.ready  ## real lineage of a real pipeline (ARGS=--break: with a job that fails)
	@PATH="$(CURDIR)/$(DEMO_VENV)/bin:$$PATH" $(DEMO_VENV)/bin/python examples/demo $(ARGS)

notebook: $(NOTEBOOK_VENV)/.ready  ## a notebook over the demo's data, run and written as a page with the graph of its cells
	@mkdir -p examples/output && cp examples/11_notebook/flights.ipynb examples/output
	@cd examples/output && "$(CURDIR)/$(NOTEBOOK_VENV)/bin/python" -m nbconvert --execute --to html --log-level ERROR \
		--ExecutePreprocessor.extra_arguments=--log-level=ERROR flights.ipynb && \
		"$(CURDIR)/$(NOTEBOOK_VENV)/bin/lineage-kit" log
	@echo "the page: examples/output/flights.html"

test: $(VENV)/.ready  ## the whole suite, in parallel and offline (ARGS="-k word": part of it)
	$(VENV)/bin/python -m pytest -n auto $(ARGS)

test-all:  ## the whole suite on each of CPython 3.11, 3.12 and 3.13 that is found on PATH or under pyenv
	@.ci/interpreters $(VERSIONS) | { ran= skipped=; while read -r version python; do \
		if [ -z "$$python" ]; then skipped="$$skipped $$version"; continue; fi; \
		echo "== Python $$version: $$python"; ran="$$ran $$version"; \
		$(MAKE) --no-print-directory test PYTHON="$$python" VENV=".venv-$$version" </dev/null || exit 1; \
	done; \
	if [ -n "$$skipped" ]; then echo "== not found, skipped:$$skipped"; fi; \
	if [ -n "$$ran" ]; then echo "== the suite passed on$$ran"; else echo "== no Python to test with" >&2; exit 1; fi; }

test-integration: $(INTEGRATION_VENV)/.ready  ## jobs in the workers of Celery, Dask, gunicorn, Ray and Spark, with the real packages
	$(INTEGRATION_VENV)/bin/python -m pytest -n 2 tests/integration $(ARGS)

lint: $(VENV)/.ready  ## style, types, who imports whom
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/mypy --strict tests/typing examples/*.py
	$(VENV)/bin/pyright --pythonpath $(VENV)/bin/python
	$(VENV)/bin/lint-imports --config setup.cfg --no-cache
	$(VENV)/bin/interrogate --quiet --config setup.cfg tests

format: $(VENV)/.ready  ## mend what a machine can mend
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

cover: $(VENV)/.ready  ## the suite, and which lines it reaches
	$(VENV)/bin/python -m pytest -n auto --cov --cov-config=setup.cfg $(ARGS)

bench: $(BENCH_VENV)/.ready  ## speed beside the released OpenLineage client; table and benchmarks.json
	$(BENCH_VENV)/bin/python -m tests.benchmarks $(ARGS)

crash: $(VENV)/.ready  ## real programs killed at random moments; nothing accepted is lost (ARGS="--kills 1000 --seed 1")
	$(VENV)/bin/python -m tests.crash.kills $(ARGS)

soak: $(VENV)/.ready  ## a million events while the backend comes and goes; memory stays small (ARGS="--events 1000000")
	$(VENV)/bin/python -m tests.crash.soak $(ARGS)

faults: $(VENV)/.ready  ## what may go wrong × how events travel, as a table of what was observed (ARGS="disk 413": rows)
	$(VENV)/bin/python -m tests.faults $(ARGS)

clean:  ## everything that can be made again
	rm -rf .venv* build dist *.egg-info .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache benchmarks.json examples/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Environments. A stamp is newer than pyproject.toml, or its environment is made afresh.

$(VENV)/.ready: pyproject.toml
	$(call new_venv,$(VENV))
	@PYTHONWARNINGS=ignore $(VENV)/bin/python -m pip install --quiet --editable '.[kafka]' --group test
	@touch $@

$(DEMO_VENV)/.ready: pyproject.toml
	$(call new_venv,$(DEMO_VENV))
	@PYTHONWARNINGS=ignore $(DEMO_VENV)/bin/python -m pip install --quiet --editable . --group demo
	@touch $@

$(NOTEBOOK_VENV)/.ready: pyproject.toml
	$(call new_venv,$(NOTEBOOK_VENV))
	@PYTHONWARNINGS=ignore $(NOTEBOOK_VENV)/bin/python -m pip install --quiet --editable '.[notebook]' --group notebook
	@touch $@

$(INTEGRATION_VENV)/.ready: pyproject.toml
	$(call new_venv,$(INTEGRATION_VENV))
	@PYTHONWARNINGS=ignore $(INTEGRATION_VENV)/bin/python -m pip install --quiet --editable . \
		--group celery --group dask --group gunicorn --group ray --group spark
	@touch $@

# Not editable, and taken out again: an import hook in the environment would blur the import times.
$(BENCH_VENV)/.ready: pyproject.toml
	$(call new_venv,$(BENCH_VENV))
	@$(BENCH_VENV)/bin/python -m pip install --quiet . --group bench
	@$(BENCH_VENV)/bin/python -m pip uninstall --quiet --yes lineage-kit
	@touch $@

# Dependency groups need pip 25.1. The warning that is silenced tells of editable installs, which is what is meant.
define new_venv
	@test -n "$(PYTHON)" || { echo "lineage-kit needs Python 3.11 or newer; python3 here is $$(python3 --version 2>&1)." \
		"Name another one: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "making $(1) with $$($(PYTHON) --version) (once)"
	@rm -rf $(1)
	@$(PYTHON) -m venv $(1)
	@$(1)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
endef
