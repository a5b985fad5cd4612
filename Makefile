# What a developer runs. `make demo` and `make test` need Python 3.11 or newer and the package registries, nothing else.
SHELL := /bin/sh
PYTHON_ENV := .venv/bin/python
export PYTHON
SALEOR ?=
ONLY ?=
QUICK ?=
DASHBOARD ?=
.PHONY: demo demo-reset test test-host test-host-alone test-host-too bench faults fuzz check package format build clean

.venv/.demo: setup.cfg pyproject.toml tools/bootstrap.sh
	@sh tools/bootstrap.sh demo

.venv/.dev: setup.cfg pyproject.toml tools/bootstrap.sh
	@sh tools/bootstrap.sh dev

demo: .venv/.demo
	@exec $(PYTHON_ENV) -m sandbox.runner up $(if $(SALEOR),--saleor "$(SALEOR)") $(if $(DASHBOARD),--dashboard "$(DASHBOARD)")

demo-reset: .venv/.demo
	@$(PYTHON_ENV) -m sandbox.runner reset

# Everything that needs no Saleor; with SALEOR=<checkout> the host tests too.
test: .venv/.dev
	@$(PYTHON_ENV) -m tools.browser
	@$(PYTHON_ENV) -m tools.redis_server
	$(PYTHON_ENV) -m pytest -q -n 2 --dist loadgroup --no-loadscope-reorder --ignore=tests/host
	$(if $(SALEOR),$(MAKE) test-host SALEOR="$(SALEOR)",@echo "make test: HOST TESTS SKIPPED, no SALEOR=<checkout of Saleor> given")

# On a real Saleor, side by side: what only it can show, and the same files that run on the stand-in.
test-host: .venv/.dev
	@$(PYTHON_ENV) -m tools.browser
	@$(MAKE) -j2 --output-sync=target test-host-alone test-host-too SALEOR="$(SALEOR)" DASHBOARD="$(DASHBOARD)"

test-host-alone:
	SALEOR="$(SALEOR)" $(PYTHON_ENV) -m pytest -q tests/host

test-host-too:
	LIVESALES_TARGET=saleor SALEOR="$(SALEOR)" DASHBOARD="$(DASHBOARD)" $(PYTHON_ENV) -m pytest -q tests/browser tests/shop

.venv/.bench: setup.cfg pyproject.toml tools/bootstrap.sh
	@sh tools/bootstrap.sh bench

# Side by side with peers, on a machine with nothing else to do. ONLY="durable relay": some; QUICK=1: does it work?
bench: .venv/.bench
	$(PYTHON_ENV) -m benchmarks $(ONLY) $(if $(QUICK),--quick)

# Long campaigns of faults, seeded: RUNS=200 SEED=1 KEEP=1 writes tests/faults/results.json and goes on where it stopped.
faults: .venv/.dev
	$(PYTHON_ENV) -m tests.faults --runs $(or $(RUNS),20) --seed $(or $(SEED),1) $(if $(KEEP),--keep)

.venv/.fuzz: setup.cfg pyproject.toml tools/bootstrap.sh
	@sh tools/bootstrap.sh fuzz

# Everything that fuzzes, SECONDS in all; findings go to tests/fuzz/corpus. ONLY="tokens sockets": some; MINIMISE=1: writes
# the corpus anew. See docs/fuzzing.md.
fuzz: .venv/.fuzz
	$(PYTHON_ENV) -m tests.fuzz $(ONLY) --seconds $(or $(SECONDS),600) $(if $(MINIMISE),--minimise)

package: .venv/.dev
	$(PYTHON_ENV) -m tools.package

check: .venv/.dev
	$(PYTHON_ENV) -m tools.check

format: .venv/.dev
	$(PYTHON_ENV) -m ruff format .
	$(PYTHON_ENV) -m ruff check --fix .

# Generated files: committed, and compared by `make check`.
build: .venv/.dev
	$(PYTHON_ENV) -m tools.wire_types
	$(PYTHON_ENV) -m tools.print_schema
	$(PYTHON_ENV) -m tools.node tools/build.mjs

clean:
	rm -rf .venv node_modules var dist build *.egg-info
