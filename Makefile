# Everything a contributor or a CI job runs. Each target sets up what it needs; `make help` prints this list.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INDEX := https://pypi.org/simple

# Fit to build and run on: Python 3.11 or 3.12 with venv, pip and the C headers that durable-rules compiles
# against. It has to be tried: a name on the PATH may be a shim with nothing behind it.
FIT := import ensurepip, os, sys, sysconfig, venv; \
	headers = os.path.join(sysconfig.get_path("include"), "Python.h"); \
	sys.exit(not ((3, 11) <= sys.version_info < (3, 13) and os.path.exists(headers)))
PYTHON ?= $(shell for python in python3.12 python3.11 python3 python; do \
	if $$python -c '$(FIT)' 2>/dev/null; then command -v $$python; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help setup run test check format messages bench fuzz screens tck node docker-lint lock

# The two catalogues of each language: of what the pages say, and of the sentences that the core and the use cases say.
EXTRACT := $(BIN)/pybabel -q extract --no-location --sort-output
define catalogues
	$(EXTRACT) -F admin/translations/babel.cfg -k mark -k ngettext:1,2 -o $(VENV)/pages.pot admin
	$(EXTRACT) --no-default-keywords -k said -k said_many:1,2 -o $(VENV)/said.pot decision_tables service admin
	for language in nl fr; do for catalogue in pages said; do \
		file=$$(echo $$catalogue.$$language.po | sed 's/^pages[.]//'); \
		$(BIN)/pybabel -q update $(1) --ignore-pot-creation-date --no-fuzzy-matching --width 110 \
			-l $$language -i $(VENV)/$$catalogue.pot -o admin/translations/$$file || exit 1; \
	done; done
endef

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.dev ## make .venv with everything that developing takes

run: $(VENV)/.run ## serve on http://127.0.0.1:8000 with a database in ./var (ARGS="--port 8001")
	$(BIN)/decidable serve $(ARGS)

test: export PYTHONDONTWRITEBYTECODE = # the tests start many processes, which would read every module anew
test: $(VENV)/.dev ## run every test (ARGS="tests/feel -k temporal")
	$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check: $(VENV)/.dev docker-lint ## lint, formatting, types, layers, templates, duplicates: all must be clean
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint admin/templates
	$(call catalogues,--check)
	$(BIN)/pylint --disable=all --enable=duplicate-code decision_tables service admin

messages: $(VENV)/.dev ## bring the catalogues of translations to what the pages and sentences say (then translate what is new)
	$(call catalogues,)

docker-lint: $(VENV)/.dev ## lint the Dockerfile
	$(BIN)/hadolint Dockerfile

format: $(VENV)/.dev ## format the code and mend what ruff can mend by itself
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## measure, beside zen-engine (docs/benchmarks.md says how to read it)
	$(BIN)/python -m benchmarks $(ARGS)

screens: $(VENV)/.dev ## take the pictures of the documents anew (ARGS="--all FOLDER": every page whole, to be looked at)
	$(BIN)/python -m tests.browser.screens $(ARGS)

fuzz: $(VENV)/.dev ## try to break FEEL with random cells for ten minutes (ARGS="--minutes 60 --seed 7")
	$(BIN)/python -m tests.feel.fuzz $(ARGS)

tck: $(VENV)/.dev ## run the DMN TCK, where DMN_TCK or ../shared/tck has it (ARGS="--level 2 --failures")
	@kit="$${DMN_TCK:-../shared/tck}"; \
	if [ -f "$$kit/tck_runner.py" ]; then \
		$(BIN)/python "$$kit/tck_runner.py" --tck "$$kit" --adapter tests/tck/adapter.py $(ARGS); \
	else echo "The DMN TCK is not in $$kit: set DMN_TCK to its folder."; fi

node: tests/node/node_modules/.package-lock.json ## get the readers of other tools that some tests ask (npm; without it they skip)

tests/node/node_modules/.package-lock.json: tests/node/package-lock.json
	npm ci --prefix tests/node --ignore-scripts --no-audit --no-fund

lock: $(VENV)/.dev ## write requirements/*.txt anew from pyproject.toml (ARGS=--upgrade for the newest)
	$(COMPILE) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) pyproject.toml --group dev --constraint requirements/run.txt --output-file requirements/dev.txt
	$(COMPILE) --group build --output-file requirements/build.txt

COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv --no-config pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --default-index $(INDEX) $(ARGS)

# One stamp for each layer of the environment: it is made anew only when the lock behind it has changed.
# Hashes are required throughout and nothing is built in isolation, so that the build tools are the locked ones.
$(VENV)/.build: requirements/build.txt
	@$(BIN)/python -c '$(FIT)' 2>/dev/null || { \
		test -n "$(PYTHON)" || { echo "No fit Python found. Needed: Python 3.11 or 3.12 with venv and headers" \
			"(on Debian: python3-venv python3-dev gcc); or name one: make PYTHON=/path/to/python3.12" >&2; exit 1; }; \
		echo "Making $(VENV) with $(PYTHON); the first time takes a minute."; \
		"$(PYTHON)" -m venv --clear $(VENV); }
	$(PIP) install --require-hashes --requirement requirements/build.txt
	@touch $@

$(VENV)/.run: $(VENV)/.build requirements/run.txt pyproject.toml hatch_build.py frontend/package-lock.json
	$(PIP) install --no-build-isolation --require-hashes --requirement requirements/run.txt
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(PIP) install --no-build-isolation --require-hashes --requirement requirements/dev.txt
	@touch $@
