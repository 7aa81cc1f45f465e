# Each target makes its own environment: a fresh machine needs python3 and make only.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Compiled once, whatever the environment says: hundreds of short processes run in the tests.
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check images bench clean

demo: $(READY)
	$(BIN)/pytest --pacs=embedded

test: $(READY)
	$(BIN)/pytest tests -n 4

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

images: $(READY)
	$(BIN)/python -m harness.targets.images

bench: $(READY)
	$(BIN)/python benchmarks/large_video.py

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pytest-pacs needs Python 3.11 or newer; set PYTHON=/path/to/python")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) fixtures/cache
