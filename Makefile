# Two commands for a fresh machine: `make run` and `make test`. Needs Python 3.11 or newer, make and git.

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3 python,$(shell command -v $(name) 2>/dev/null)))

.PHONY: run test venv lint lock clean help

help: ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: venv ## make the environment and the catalogue, then serve the chat on http://127.0.0.1:7860
	@$(BIN)/genre serve

test: venv ## the whole test suite: no network, no GPU, no keys
	@$(BIN)/python -m pytest

venv: $(READY) ## make or update the environment in .venv

$(READY): requirements.lock pyproject.toml deploy/torch.sh
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found: see https://www.python.org/downloads/"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, found $$($(PYTHON) --version). Name another with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what GENRE runs on (once; about 2 GB, a few minutes) …"
	@sh deploy/torch.sh $(BIN)/python
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

lint: venv ## style, types and layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Torch and what it brings for CUDA stay out ([tool.uv.pip]): deploy/torch.sh chooses them for each machine.
lock: venv ## write requirements.lock anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet pyproject.toml --output-file requirements.lock

clean: ## remove the environment and everything built; conversations and catalogues go too
	rm -rf $(VENV) .genre .pytest_cache .mypy_cache .ruff_cache .hypothesis
