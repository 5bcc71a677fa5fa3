# Two commands to begin with: `make doctor` examines a Python, `make test` proves the tool.
# Both need only make and a Python >= 3.11, and keep what they install below .doctor.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do $$p -c '$(NEW)' 2>/dev/null && echo $$p && break; done)
TARGET ?=
ARGS ?=

NEW := import sys; sys.exit(sys.version_info < (3, 11))
DOCTOR := .doctor/venv
DEV := .doctor/dev
# What the shell says about other Pythons is the tool's subject and must not reach pip or pytest.
CLEAN := env -u PYTHONPATH -u PYTHONHOME -u PIP_TARGET -u PIP_USER -u LD_LIBRARY_PATH -u LD_PRELOAD
# What is compiled once is kept, whatever the shell says: each worker would compile all tests at each start.
KEPT := -u PYTHONDONTWRITEBYTECODE

# One more than there are processors: some tests wait for what they have started.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

.PHONY: help doctor test lab lint docs site pictures bench pyz manual clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

doctor: $(DOCTOR)/.made ## tell what is broken in TARGET, or in the Python that is found here
	@$(DOCTOR)/bin/nixpydoctor check $(if $(TARGET),"$(TARGET)") $(ARGS) || case $$? in 1|3) ;; *) exit $$? ;; esac

test: $(DEV)/.made ## run the tests
	@$(CLEAN) $(KEPT) $(DEV)/bin/python -m pytest -n $(WORKERS) $(ARGS)

lab: $(DEV)/.made ## let a real Nix store judge the predictions (docs/explanation/lab.md)
	@$(CLEAN) PYTHONPATH=tests $(DEV)/bin/python -m lab $(ARGS)

lint: $(DEV)/.made ## style and types
	@$(DEV)/bin/ruff check && $(DEV)/bin/ruff format --check && $(DEV)/bin/mypy

docs: $(DEV)/.made ## run what the documentation shows
	@$(CLEAN) $(DEV)/bin/python -m pytest -q tests/test_docs.py tests/test_catalogue.py $(ARGS)

site: $(DEV)/.made ## build the documentation as a site, in .doctor/site
	@$(DEV)/bin/mkdocs build --quiet && echo .doctor/site/index.html

pictures: $(DEV)/.made ## draw the README's picture anew
	@$(DEV)/bin/python tools/picture.py

bench: $(DEV)/.made ## measure, side by side with others, on a venv of a thousand objects (VENV=path to give one)
	@$(DEV)/bin/python -c 'import auditwheel' 2>/dev/null || $(DEV)/bin/python -m pip install -q auditwheel
	@$(DEV)/bin/python benchmarks/run.py $(if $(VENV),--venv "$(VENV)") $(ARGS)

pyz: $(DEV)/.made ## nixpydoctor.pyz: the tool in one file that any Python >= 3.11 runs
	@$(CLEAN) $(DEV)/bin/python tools/pyz.py nixpydoctor.pyz && echo nixpydoctor.pyz

manual: $(DEV)/.made ## write the man page and the completions anew, after a change of the command line
	@$(DEV)/bin/python tools/manual.py

clean: ## forget what the commands above installed
	@rm -rf .doctor

$(DOCTOR)/.made: EXTRAS :=
$(DEV)/.made: EXTRAS := [dev]
$(DOCTOR)/.made $(DEV)/.made: pyproject.toml
	@$(if $(PYTHON),$(PYTHON),false) -c '$(NEW)' || { echo 'nixpydoctor needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3' >&2; exit 2; }
	@echo 'installing into $(@D) …' >&2
	@$(CLEAN) $(PYTHON) -m venv --clear $(@D)
	@$(CLEAN) $(@D)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.$(EXTRAS)'
	@$(@D)/bin/python -m compileall -q src # pip compiles what it copies, and an editable install copies nothing
	@touch $@

# A venv whose base Python is gone is made again.
$(shell for v in $(DOCTOR) $(DEV); do [ ! -e $$v/.made ] || $$v/bin/python -c '' 2>/dev/null || rm $$v/.made; done)
