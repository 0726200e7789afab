# `make run` and `make test` set up everything they need in .venv; see README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= outputs/sample
SHARED ?= ../shared
SIZES ?= 100 1000 10000

.PHONY: run test lint bench evaluate papers sample dictionary docs pictures clean

run: $(VENV)/.ready
	$(BIN)/goldenthread run corpus/documents --out $(OUT)

test: $(VENV)/.ready lint
	$(BIN)/pytest -n auto --dist loadfile

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Scores on documents that expert readers marked, where they are present beside the project.
evaluate: $(VENV)/.ready
	$(BIN)/goldenthread run $(SHARED)/corpus --out outputs/real; status=$$?; [ $$status -eq 0 ] || [ $$status -eq 3 ]
	$(BIN)/goldenthread evaluate $(SHARED)/gold/dev --corpus $(SHARED)/corpus --out outputs/real

# The same on council papers that were written for this project and whose errors nobody has read.
papers: $(VENV)/.ready
	$(BIN)/goldenthread evaluate tests/papers/unread --corpus tests/papers/unread

# Speed beside other tools; on an idle machine some hours, most of them for the copies (SIZES="100" for fewer).
bench: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet -c .constraints.txt -e '.[bench]'
	$(BIN)/python -m pipeline.bench $(SHARED)/corpus --sizes $(SIZES)
	$(BIN)/python -m pipeline.read.bench $(SHARED)/corpus
	$(BIN)/python -m pipeline.bench.steps $(SHARED)/corpus
	$(BIN)/goldenthread run $(SHARED)/corpus --out outputs/real; status=$$?; [ $$status -eq 0 ] || [ $$status -eq 3 ]
	$(BIN)/python -m pipeline.bench.embeddings outputs/real
	$(BIN)/python -m pipeline.bench.whole outputs/real --times 1 10
	$(BIN)/python -m pipeline.serve.bench

sample: $(VENV)/.ready
	$(BIN)/python -m corpus.layout

dictionary: $(VENV)/.ready
	$(BIN)/python -m pipeline.publish.dictionary

# The documentation as pages that work without a server: build/docs/index.html.
docs: $(VENV)/.ready
	$(BIN)/mkdocs build --quiet -f .github/site/mkdocs.yml

# The README's pictures of the sample's pages, by Chromium.
pictures: run
	$(BIN)/python tests/browser/draw_pictures.py $(OUT)/report .github/pictures

$(VENV)/.ready: pyproject.toml .constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Golden Thread needs Python 3.11 or 3.12; set PYTHON=python3.11") if not (3, 11) <= sys.version_info[:2] < (3, 13) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c .constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet -c .constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) outputs/sample outputs/real build *.egg-info
