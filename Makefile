PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: demo test slow check golden wheel bench fuzz interface clean

# Make a picture with the embedded model.
demo: $(READY)
	$(BIN)/graphengine run workflows/text_to_image.json --output output

# Everything that must hold, but for what is marked slow; in so many processes, and then what must be alone.
PROCESSES ?= 2
test: $(READY)
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile -m "not slow and not alone"
	$(BIN)/python -m pytest -m "not slow and alone"

# Lint and types, those of the page's scripts where Node is.
check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	if command -v npx > /dev/null; then npx --yes -p typescript@7.0.2 tsc -p web/jsconfig.json --noEmit; fi

# What is marked slow: faults and soaks at their full size, and everything that needs minutes.
slow: $(READY)
	$(BIN)/python -m pytest -m slow

# Every golden case of the folder GRAPHENGINE_GOLDEN (else the copy in tests/).
golden: $(READY)
	$(BIN)/python tests/golden/run.py

# Build the wheel, install it into an empty environment in an empty folder, and make a picture there.
wheel: $(READY)
	rm -rf build dist
	$(BIN)/python -m build --wheel --outdir dist .
	$(PYTHON) -m venv build/elsewhere
	build/elsewhere/bin/pip install -q -c constraints.txt dist/*.whl
	mkdir build/empty
	cd build/empty && ../elsewhere/bin/graphengine run \
	    "$$(../elsewhere/bin/python -c 'from graphengine import builtin; print(builtin.WORKFLOWS)')/text_to_image.json" \
	    --home home --output .

# Hostile input to every reader and to the whole interface, SECONDS for each; what fails is kept in tests/fuzz/cases.
SECONDS ?= 60
fuzz: $(READY)
	$(BIN)/pip install -q -c constraints.txt -e '.[dev,fuzz]'
	$(BIN)/python -m tests.fuzz.run --seconds $(SECONDS)
	$(BIN)/python -m tests.fuzz.interface --seconds $(SECONDS)

# The running service against its own description, within SECONDS.
interface: $(READY)
	$(BIN)/pip install -q -c constraints.txt schemathesis
	$(BIN)/python -m tests.fuzz.interface --seconds $(SECONDS)

bench: $(READY)
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv build dist output

$(READY): pyproject.toml constraints.txt
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	touch $@
