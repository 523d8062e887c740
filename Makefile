# One command each; see README.md. Everything runs in .venv/, which is made when it is needed.

PORT ?= 8000
BIN := .venv/bin
# Compiled modules are kept, also where the environment forbids it: else each process of a run, and
# tests start hundreds, compiles Django and all others anew (1.7 s of CPU).
export PYTHONDONTWRITEBYTECODE :=
# Checks read neither the developer's .env nor need a secret of their own.
CHECKED := ENV_FILE=/dev/null DEBUG=1
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
	--no-emit-index-url --no-header

.PHONY: run check test test-all lint fmt bench quality venv lock

# Under DEBUG, and with links in mail to here, unless the environment or .env says otherwise. The
# worker ends with the server, whose process id is that of the shell; lists that an older release has
# read are read again while they are served.
run: venv
	@set -e; \
	unsaid() { \
		! printenv "$$1" >/dev/null && ! grep -Eqs "^ *(export +)?$$1 *=" "$${ENV_FILE:-.env}"; \
	}; \
	if unsaid DEBUG; then export DEBUG=1; fi; \
	if unsaid SITE_URL; then export SITE_URL=http://127.0.0.1:$(PORT); fi; \
	$(BIN)/python -m config.command_line prepare; \
	echo "Listwright is at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)."; \
	$(BIN)/python manage.py upgrade_lists & \
	$(BIN)/python manage.py run_worker --parent $$$$ & \
	exec $(BIN)/gunicorn config.wsgi --bind 127.0.0.1:$(PORT) --threads 4 --reload --no-control-socket \
		--log-level warning

# CONTRIBUTING.md says when which is run. make test ARGS="tests/config -k health" passes its
# arguments on to pytest, and so do the others.
check: lint
	$(BIN)/python -m pytest --numprocesses auto -m "not browser" --durations 20 $(ARGS)

test: venv
	$(BIN)/python -m pytest --numprocesses auto --database both --durations 20 $(ARGS)
	$(if $(ARGS),,$(BIN)/python -m pytest --numprocesses auto --database pooled)

test-all: export LISTWRIGHT_TESTS_LONG = 1
test-all: test

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m tests.retired_words
	$(CHECKED) $(BIN)/mypy

fmt: venv
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

# make bench ARGS="parse" runs the benchmarks whose name holds that word.
bench: venv
	@$(CHECKED) $(BIN)/python -m bench $(ARGS)

# make quality ARGS="search ../lists" names one of the figures, and the folder of lists.
quality: venv
	@$(CHECKED) $(BIN)/python -m quality $(ARGS)

venv:
	@PY="$(PY)" sh requirements/install.sh

# After a change of the dependencies in pyproject.toml; ARGS=--upgrade takes the newest.
lock: venv
	$(LOCK) $(ARGS) requirements/uv.in --output-file requirements/uv.txt
	$(LOCK) $(ARGS) pyproject.toml --output-file requirements/production.txt
	$(LOCK) $(ARGS) pyproject.toml --all-extras --constraint requirements/production.txt \
		--output-file requirements/extras.txt
	$(LOCK) $(ARGS) pyproject.toml --group dev --constraint requirements/production.txt \
		--output-file requirements/development.txt
