# All set-up is done by these commands; the work is in scripts/.
#
#   make lab                          JupyterLab with the extension
#   make lab SIMULATE=1               … showing simulated devices
#   make lab ARGS="--port 9999"       … with arguments for JupyterLab
#   make test                         every check; what it needs is listed in tests/README.md
#   make test-all                     … and other frameworks, other interpreters, the slow proofs
#   make bench                        the figures; one of them: make bench ARGS=name
#   make lint                         the linters and import rules of make test
#   make types                        writes what is generated of the wire types, then checks all types
#   make knowledge                    what the package index has and the doctor's tables have not
#   make clean                        removes what was built and installed here, not the user's cache

# The oldest Python that runs the scripts and the package is 3.10.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.10; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && { echo "$$python"; break; }; done)

ifeq ($(strip $(PYTHON)),)
$(error Python 3.10 or newer is needed; type: sudo apt-get install python3 python3-venv)
endif

export SIMULATE

.PHONY: lab test test-all bench lint types knowledge clean

lab:
	@$(PYTHON) -m scripts.lab $(ARGS)

test:
	@$(PYTHON) -m scripts.checks

test-all:
	@$(PYTHON) -m scripts.checks --all

lint:
	@$(PYTHON) -m scripts.checks --only lint

types:
	@$(PYTHON) -m scripts.checks --only types --generate

bench:
	@$(PYTHON) -m scripts.bench $(ARGS)

knowledge:
	@.venv/bin/python -m scripts.knowledge $(ARGS)

clean:
	rm -rf .venv build dist lib node_modules tests/ui/node_modules tests/ui/test-results tests/ui/screenshots \
		tests/standin/build jupyter_tfgpu/labextension jupyter_tfgpu/_version.py tsconfig.tsbuildinfo \
		.mypy_cache .ruff_cache .import_linter_cache .pytest_cache
	find jupyter_tfgpu scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
