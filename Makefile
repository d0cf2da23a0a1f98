# make demo and make test do all the set-up by themselves: a Python 3.11+ with venv is all that the machine must have.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
# what the machine trusts, uv trusts too: many networks have an authority of their own
export UV_SYSTEM_CERTS := 1
export UV_PROJECT_ENVIRONMENT := .venv
# without bytecode on disk every process of the suite compiles the whole house again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo test browser screenshots lint format clean lock fuzz mutants

install: .venv/.installed

# one stamp file: nothing is fetched again until the lock or the project file changes
.venv/.installed: uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "make: Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1 || echo missing). Set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "make: $(PYTHON) lacks venv or ensurepip. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@command -v uv >/dev/null || test -x $(BIN)/uv || { echo "bringing uv into .venv"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"; }
	@set -euo pipefail; uv=$$(command -v uv || echo $(BIN)/uv); \
	  $$uv export --quiet --frozen --all-groups --no-group fuzz --no-group mutation --all-extras --no-emit-project --format requirements.txt --output-file .venv/locked.txt; \
	  $$uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes .venv/locked.txt; \
	  $$uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	@$(BIN)/gateway demo $(if $(ONCE),--once)

# two files at a time, each process with servers of its own; more cores would not be waited for by the slowest file
test: install
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# what the tests of the pages drive; without it `make test` says which of them it left out
browser:
	@if command -v chromium >/dev/null; then chromium --version 2>/dev/null; \
	elif [ "$$(id -u)" != 0 ]; then echo "make browser: run it as root, it installs Debian's chromium" >&2; exit 1; \
	elif ! command -v apt-get >/dev/null; then echo "make browser: there is no apt-get here; put a chromium on the PATH" >&2; exit 1; \
	else apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null && chromium --version 2>/dev/null; fi

# every page as a picture, light, dark and on a phone; needs the browser
TO ?= screenshots
screenshots: install
	@$(BIN)/python -m tests.admin.screenshots --to $(TO)

lint: install
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports

format: install
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# needs a Python for which atheris has a wheel (3.11 to 3.13 on Linux); not part of the suite
RUNS ?= 1000000
fuzz: install
	@set -euo pipefail; uv=$$(command -v uv || echo $(BIN)/uv); \
	  $$uv export --quiet --frozen --only-group fuzz --no-emit-project --format requirements.txt --output-file .venv/fuzz.txt; \
	  $$uv pip install --quiet --python $(BIN)/python --require-hashes --requirements .venv/fuzz.txt
	@$(BIN)/python -m tests.dialects.fuzz -runs=$(RUNS) -print_final_stats=1

# how many small wrongs in the money code and the customers' filters the tests notice; not part of the suite.
# ONLY=postings tries only the files whose path has it
mutants: install
	@set -euo pipefail; uv=$$(command -v uv || echo $(BIN)/uv); \
	  $$uv export --quiet --frozen --only-group mutation --no-emit-project --format requirements.txt --output-file .venv/mutation.txt; \
	  $$uv pip install --quiet --python $(BIN)/python --require-hashes --requirements .venv/mutation.txt
	@nice -n 10 $(BIN)/python -m tests.mutation $(ONLY)

# the lock pins every file by its hash and names no host, so that it installs from any mirror (decision 0002)
lock:
	@set -euo pipefail; uv=$$(command -v uv || echo $(BIN)/uv); $$uv lock $(UPGRADE); \
	  sed -E -i 's#registry = "[^"]*"#registry = "simple"#; s#url = "https?://[^"]*/([^"/]*)"#url = "\1"#' uv.lock

clean:
	@rm -rf .venv dist .hypothesis .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
