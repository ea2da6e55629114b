# Every target works as the only command in a fresh clone: it makes a virtual
# environment, installs what it needs at the versions of .ci/requirements, builds, runs.
#
#   PYTHON=python3.12   another interpreter, with an environment of its own in .venvs/
#   TESTS=tests/unit    what `test`, `sanitize` and `coverage` run (default: all of it)
#   ARGS='-k ack'       further arguments for pytest, the demo, the benchmarks, fuzzing
#   JOBS=0              how many processes share the tests (default: one a core)
#   URL=http://...      the server that `demo` connects to (default: one of its own)

PYTHON ?= python3
INTERPRETER := $(shell .ci/find-python $(PYTHON))
TAG := $(or $(shell $(or $(INTERPRETER),false) -c \
	'import sys; print(sys.implementation.cache_tag + sys.abiflags)'),no-python)

VENV ?= $(if $(filter python3,$(PYTHON)),.venv,.venvs/$(TAG))
PY := $(VENV)/bin/python
BUILD := build/$(TAG)
FLAVOURS := release debug trace sanitize fuzz
LISTS := build test lint fuzz bench docs
SERVERS := tests/live/servers
CONTENDERS := bench/echo
TYPING := tests/typing
PYRIGHT = $(TYPING)/node_modules/.bin/pyright --pythonpath $(PY)
PACKAGES := $(SERVERS) $(CONTENDERS) $(TYPING)
# The folders count as sources too: their time changes when a file is added or removed.
SOURCES := $(shell find src_pyx -type d -o -name '*.pyx' -o -name '*.pxd')

PYTEST := $(PY) -m pytest
# A file stays in one process, for the servers it has started; files go in their order.
JOBS ?= auto
SHARED := -n $(JOBS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder
NPM := node_modules/.package-lock.json
WITH_TESTS := $(VENV)/.test $(SERVERS)/$(NPM)
WITH_LINTERS := $(VENV)/.lint
RELEASE := $(BUILD)/release.built

SIOC_LONG ?= 1

TOTAL := --format=total

LEAKS := tests/leaks/test_references.py
DEBUG_PYTHON ?= python3-dbg

FUZZ ?= packets packed payloads messages
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

##@ Use
demo: $(RELEASE)  ## connect to a server and show what happens (URL=...)
	$(PY) -m examples.demo $(URL) $(ARGS)

##@ Build in place (flavours share the .so files: the last one built is there)
build: $(RELEASE)  ## release: optimised, no checks
debug: $(BUILD)/debug.built  ## assertions and bounds checks in
trace: $(BUILD)/trace.built  ## line tracing, for the coverage of .pyx files

##@ Test
test: $(RELEASE) $(WITH_TESTS)  ## all tests on the release build
	$(PYTEST) $(SHARED) $(ARGS) $(TESTS)

long: $(RELEASE) $(WITH_TESTS)  ## the tests that can do far more, doing it
	SIOC_LONG=$(SIOC_LONG) $(PYTEST) -m long $(ARGS) $(TESTS)

test-all:  ## all tests on each CPython 3.10 to 3.13 that is installed
	.ci/test-all $(MAKE)

sanitize: TESTS := $(or $(TESTS),tests/unit tests/hostile)
sanitize: $(BUILD)/sanitize.built $(WITH_TESTS)  ## tests under ASan and UBSan
	.ci/sanitized $(PYTEST) $(SHARED) -o timeout=60 $(ARGS) $(TESTS)

fuzz: $(BUILD)/fuzz.built $(VENV)/.test $(VENV)/.fuzz  ## targets under libFuzzer (FUZZ_SECONDS=60)
	$(PY) tests/fuzz/session.py $(ARGS) $(FUZZ_SECONDS) $(FUZZ)

# A debug interpreter counts references as they are taken, so msgspec's must be as well.
leaks: $(BUILD)/sanitize.built $(WITH_TESTS)  ## memory and references that are lost
	ASAN_OPTIONS=detect_leaks=1:leak_check_at_exit=0 SIOC_LONG=$(SIOC_LONG) \
		LSAN_OPTIONS=suppressions=$(abspath .ci/lsan-suppressions):print_suppressions=0 \
		.ci/sanitized $(PYTEST) -m long $(ARGS) $(LEAKS) -k memory
	PIP_NO_BINARY=msgspec SIOC_LONG=$(SIOC_LONG) \
		$(MAKE) PYTHON=$(DEBUG_PYTHON) test JOBS=0 TESTS=$(LEAKS)

coverage: $(BUILD)/trace.built $(WITH_TESTS)  ## lines of .py and .pyx, child processes too
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest $(SHARED) -o timeout=60 $(ARGS) $(TESTS)
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report
	$(if $(TESTS),,$(PY) -m coverage report $(TOTAL) --fail-under=100 --include='sioc/*')
	$(if $(TESTS),,$(PY) -m coverage report $(TOTAL) --fail-under=95 --include='src_pyx/*')

mutation: $(RELEASE) $(WITH_TESTS)  ## take single checks away: the tests must notice
	PYTHONPATH=tests $(PY) -m mutation.run $(ARGS)

comparison: $(RELEASE) $(WITH_TESTS) $(CONTENDERS)/$(NPM)  ## hostile servers, three clients
	PYTHONPATH=tests $(PY) -m comparison.run

wheel-test: $(VENV)/.test  ## build a wheel, use it elsewhere on each allowed picows
	$(PY) .ci/wheel_test.py

##@ Measure
bench: $(RELEASE) $(VENV)/.bench $(CONTENDERS)/$(NPM)  ## all contenders (ARGS=--quick)
	$(PY) bench/run.py $(ARGS)

idle: $(RELEASE) $(CONTENDERS)/$(NPM)  ## 5,000 idle connections for two minutes
	$(PY) bench/idle.py $(ARGS)

micro: $(RELEASE) $(VENV)/.test  ## single compiled modules
	$(PYTEST) bench/micro --benchmark-enable --benchmark-only -o timeout=300 $(ARGS)

bench-gate: $(RELEASE) $(VENV)/.test  ## count instructions against the budgets
	cd bench && $(abspath $(PY)) -m gate.run $(ARGS)

##@ Check
lint: $(WITH_LINTERS)  ## ruff and cython-lint
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	PATH="$(VENV)/bin:$$PATH" cython-lint src_pyx bench

format: $(WITH_LINTERS)  ## let ruff rewrite what it can
	$(PY) -m ruff check --fix-only
	$(PY) -m ruff format

types: $(RELEASE) $(WITH_LINTERS) $(VENV)/.test $(TYPING)/$(NPM)  ## mypy, pyright, stubs
	$(PY) -m mypy
	$(PY) -m mypy examples/*.py
	$(PYRIGHT) -p $(TYPING)
	$(PYRIGHT) -p examples
	$(PY) -m mypy.stubtest sioc --allowlist .ci/stubtest-allowlist.txt
	$(PYTEST) --quiet tests/typing

docs: $(RELEASE) $(VENV)/.docs  ## draw docs/states.md anew, make a site in build/docs
	$(PY) docs/draw_states.py
	$(PY) -m sphinx --quiet --fail-on-warning --fresh-env -c docs . build/docs

##@ Tidy
clean:  ## remove what was built
	rm -rf build dist *.egg-info .coverage .hypothesis .*_cache
	find sioc src_pyx bench/floor bench/cores bench/gate '(' -name '*.so' -o -name '*.c' ')' -delete

distclean: clean  ## remove the environments and the npm packages too
	rm -rf .venv .venvs $(PACKAGES:%=%/node_modules)

help:  ## this list
	@awk -F ':.*## ' '/^##@/ { print "\n" substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: demo build debug trace test long test-all sanitize fuzz leaks coverage mutation \
	comparison wheel-test bench idle micro bench-gate lint format types docs clean distclean help

# The environment. The path file makes `import sioc` find this folder; together with the
# egg-info it is what `pip install -e .` would do, without compiling everything again in
# a folder that pip throws away, and with imports that mypy can follow.
$(VENV)/.$(TAG):
	@.ci/find-python $(PYTHON)
	rm -rf $(VENV)
	$(INTERPRETER) -m venv $(VENV)
	$(PY) .ci/link_source.py
	@touch $@

PINS := .ci/requirements
$(LISTS:%=$(VENV)/.%): $(VENV)/.%: $(PINS)/%.txt $(PINS)/build.txt | $(VENV)/.$(TAG)
	$(PY) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(PACKAGES:%=%/$(NPM)): %/$(NPM): %/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js with npm is needed" >&2; exit 1; }
	npm ci --prefix $* --no-audit --no-fund --loglevel=error
	@touch $@

# A flavour has objects and libraries of its own, so that changing flavours compiles
# nothing twice; what lies in sioc/ is replaced as a whole, and one stamp says which it
# is. New flags or a new compiler of .pyx files start the flavour afresh. The stamp bears
# the time the build began, so that what is edited during it is built the next time.
$(FLAVOURS:%=$(BUILD)/%/.fresh): $(BUILD)/%/.fresh: setup.py $(VENV)/.build
	rm -rf $(@D) build/cython-$*
	@mkdir -p $(@D)
	@touch $@

# atheris brings the runtime of clang's sanitizers.
COMPILER_fuzz := CC=clang LDSHARED="clang -shared"

$(FLAVOURS:%=$(BUILD)/%.built): $(BUILD)/%.built: \
		$(BUILD)/%/.fresh pyproject.toml $(SOURCES)
	rm -f $(BUILD)/*.built
	@touch $(@D)/.started
	find sioc -name '*.$(TAG)-*.so' -delete
	$(COMPILER_$*) SIOC_FLAVOUR=$* $(PY) setup.py --quiet egg_info build_ext --inplace \
		--build-lib $(BUILD)/$*/lib --build-temp $(BUILD)/$*/temp
	@touch -r $(@D)/.started $@
