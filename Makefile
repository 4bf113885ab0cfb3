# Two commands do everything on a machine with Python 3.11, make and a package index:
#   make demo    build, verify and load the example archive
#   make test    lint, types and tests

PYTHON ?= python3
BIN := .venv/bin
RECORDS ?= 200000

.PHONY: demo test test-standards docs pictures lint types pytest bench bench-publish score lock gazette clean

demo: .venv/ready
	$(BIN)/microfiche validate .
	$(BIN)/microfiche build . --out build/demo
	$(BIN)/microfiche verify build/demo/gazette/1.0.0 --load
	$(BIN)/python docs/examples/load_gazette.py build/demo/gazette/1.0.0

test: lint types pytest

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo

types: .venv/ready
	$(BIN)/mypy

pytest: .venv/compiled
	$(BIN)/pytest

# Each standard's own tools on our releases, in environments of their own under build/.
test-standards: .venv/ready
	$(BIN)/python tests/standards/run.py

# The documentation as a site in build/site/; what links to nowhere is an error.
docs: .venv/ready
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs build/site

# Draw the pictures of the documentation anew; needs chromium.
pictures: .venv/ready
	$(BIN)/python docs/pictures.py

# Time the whole job, small changes and what people use instead, in turn; medians of five rounds go
# to docs/benchmarks.md. Four minutes a round on two cores.
bench: .venv/ready
	$(BIN)/python benchmarks/whole_job.py --records $(RECORDS) --write docs/benchmarks.md

# Publish a generated release of 3 GB to an S3 endpoint on loopback; needs 12 GB of disk, 8 of memory.
bench-publish: .venv/ready
	$(BIN)/python benchmarks/publishing.py

# Score the reading of pages: a folder with expected.jsonl and html/, see benchmarks/score.py.
score: .venv/ready
	@test -n "$(PAGES)" || { echo 'name the folder: make score PAGES=DIR'; exit 2; }
	$(BIN)/python benchmarks/score.py $(PAGES)

# One virtual environment, made from the lock file. uv installs it in seconds.
.venv/ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

# Tests start hundreds of processes, each of which would compile what it imports where Python is told
# to write nothing down.
.venv/compiled: .venv/ready
	$(BIN)/python -m compileall -qq -j 0 .venv/lib builder || true # some packages carry files of other Pythons
	touch $@

lock:
	$(BIN)/uv pip compile --quiet --resolution lowest-direct --python-version 3.11 --no-emit-index-url --no-header --upgrade --extra s3 --extra office --extra pdf --output-file tests/standards/oldest.txt pyproject.toml tests/standards/oldest.in
	for name in tools citation; do $(BIN)/uv pip compile --quiet --python-version 3.11 --no-emit-index-url --no-header --output-file tests/standards/$$name.txt tests/standards/$$name.in; done
	$(BIN)/uv pip compile --quiet --group dev --python-version 3.11 --no-emit-index-url --no-header --output-file requirements.lock pyproject.toml

# Until the builder's 1.0 the example releases may be made anew.
gazette: .venv/ready
	rm -rf dist/gazette
	$(BIN)/python tests/builders/gazette.py dist
	$(BIN)/python tests/builders/vectors.py docs/vectors.json
	$(BIN)/python tests/builders/reference.py

clean:
	rm -rf .venv build
