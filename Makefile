# make run and make test need Python alone; the rest says what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PORT ?= 8000
POSTGRES_URL ?= postgres://stagedoor:stagedoor@127.0.0.1:5432/stagedoor
BIN := .venv/bin
PY := $(BIN)/python

# What was translated, in the form that Django reads.
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))

.PHONY: run test test-all lint bench lock messages clean

run: .venv/running $(CATALOGUES)
	@export DEMO=true PORT=$(PORT); \
	$(PY) manage.py migrate --verbosity 0; \
	$(PY) manage.py seed_demo --if-empty; \
	$(PY) manage.py collectstatic --noinput --verbosity 0; \
	$(PY) manage.py demo_signins; \
	exec $(PY) manage.py serve --port $(PORT)

test: .venv/developing $(CATALOGUES)
	DEMO=true $(PY) -m pytest -n auto

test-all: .venv/developing $(CATALOGUES)
	@POSTGRES_URL=$(POSTGRES_URL) $(PY) scripts/check_services.py java
	@scripts/vnu .venv/vnu.jar || echo "HTML will not be checked: its checker could not be fetched." >&2
	DEMO=true $(PY) -m pytest -n auto
	DEMO=true DATABASE_URL=$(POSTGRES_URL) $(PY) -m pytest -n auto -m "not browser"
	DEMO=true DATABASE_URL=$(POSTGRES_URL) $(PY) -m pytest -n auto -m browser -rs

lint: .venv/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DEMO=true $(BIN)/mypy .
	$(BIN)/djade --check --target-version 6.0 $$(git ls-files 'templates/**.html')
	$(BIN)/djlint --lint templates
	$(BIN)/lint-imports
	DEMO=true $(PY) scripts/messages --check
	DEMO=true $(PY) manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') SITE_URL=https://tickets.example \
	MAIL_URL=smtp://mail.example $(PY) manage.py check --deploy --fail-level WARNING

bench: .venv/developing $(CATALOGUES)
	@POSTGRES_URL=$(POSTGRES_URL) $(PY) scripts/check_services.py
	DEMO=true DATABASE_URL=$(POSTGRES_URL) $(PY) -m tests.bench

# The locked requirements name versions and hashes, and no host that serves them.
lock: .venv/developing
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml -o requirements.txt --universal --python-version 3.12 \
	  --generate-hashes --no-emit-index-url --no-header --upgrade
	$(BIN)/uv pip compile pyproject.toml --group dev -o requirements-dev.txt -c requirements.txt --universal \
	  --python-version 3.12 --generate-hashes --no-emit-index-url --no-header

# Takes new texts into the catalogues, to be translated there.
messages: .venv/developing
	DEMO=true $(PY) scripts/messages

%.mo: %.po
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

.venv/running: requirements.txt
	@scripts/venv requirements.txt $@

.venv/developing: requirements.txt requirements-dev.txt
	@scripts/venv requirements-dev.txt $@

clean:
	rm -rf .venv var
