# make setup   .venv with what lock/ names, hashes compared; says first what it downloads
# make venv    .venv alone, for a torch of your own choice before `make setup`
# make demo    open the app, and embed the sample photos meanwhile
# make test    lint, types, unit tests and browser tests
# make js      what checks the JavaScript, into node_modules
# make test-network  what needs the internet: the weights of other people's models
# make bench   the short benchmarks
# make fuzz    mutated photos for SECONDS=300
# make soak    many more kills, events, reruns … than `make test` tries: an hour or two
# make licences  docs/licences.md anew; fails where a licence is unknown or not wanted
# make sbom    sbom.json, what is installed as a bill of materials (CycloneDX)
# make lock    lock/ anew, with the newest versions
# make help    this list

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

# Hundreds of processes start here: what one has compiled the next ones read.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help venv setup demo test test-network js lint bench fuzz soak browser screenshots lock \
  licences sbom clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# The stamps make a second run free; they are older than the files that would change the result.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Explorer needs Python 3.11 or newer; '$(PYTHON)' is older. Try: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.setup: pyproject.toml $(wildcard lock/*.txt) | $(VENV)/.python
	@sh set_up.sh $(BIN)/python
	@touch $@

$(VENV)/.dev: $(VENV)/.setup
	@sh set_up.sh $(BIN)/python dev
	@touch $@

venv: $(VENV)/.python

setup: $(VENV)/.setup

demo: setup
	$(BIN)/explorer serve --embed sample_data --port $(PORT)

# Node itself is a wheel; it takes biome and TypeScript as package-lock.json has them.
node_modules/.js: package.json package-lock.json .npmrc | $(VENV)/.dev
	$(BIN)/npm ci
	@touch $@

js: node_modules/.js

lint: $(VENV)/.dev js
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry explorer pages
	$(BIN)/node node_modules/@biomejs/biome/bin/biome ci --error-on-warnings
	$(BIN)/node node_modules/typescript/bin/tsc
	$(BIN)/node node_modules/typescript/bin/tsc -p tests/js

browser: $(VENV)/.dev
	sh tests/install_chromium.sh $(BIN)/python

# Threads of BLAS and OpenMP wait for each other by spinning: tests at once would take the cores
# from each other.
test: export OPENBLAS_NUM_THREADS := 1
test: export OMP_NUM_THREADS := 1
test: lint browser
	$(BIN)/node --test tests/js/*.test.js
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

test-network: $(VENV)/.dev
	$(BIN)/python -m pytest -m network tests/extractors

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.embed --short

fuzz: $(VENV)/.dev
	$(BIN)/python tests/adversary/fuzz_images.py --seconds $(or $(SECONDS),300)

soak: browser
	$(BIN)/python -m benchmarks.soak

screenshots: browser
	PYTHONPATH=tests $(BIN)/python docs/screenshots.py

# A fresh environment decides on the versions; `.venv/bin/python lock/renew.py` keeps those of .venv.
lock:
	rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --upgrade pip setuptools
	$(VENV)-lock/bin/python -m pip install --quiet '.[dev]'
	$(VENV)-lock/bin/python lock/renew.py
	rm -rf $(VENV)-lock

licences: $(VENV)/.dev
	$(BIN)/python docs/licences.py

# In an environment of its own: what makes the bill does not stand on it.
sbom: $(VENV)/.setup
	rm -rf $(VENV)-sbom && $(PYTHON) -m venv $(VENV)-sbom
	$(VENV)-sbom/bin/python -m pip install --quiet cyclonedx-bom
	$(VENV)-sbom/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-file sbom.json
	rm -rf $(VENV)-sbom

clean:
	rm -rf $(VENV) node_modules build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
