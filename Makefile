# What one types. `make run` and `make test` do all their set-up themselves.
PORT ?= 8000
PYTHON ?= python3
BIN = .venv/bin
PYTEST = $(BIN)/python -m pytest -n 3 --dist loadgroup

.PHONY: run test torture peers bench cards lint format messages lock docs clean

run: .venv/runtime
	@DEMO=$${DEMO:-1} PORT=$(PORT) $(BIN)/python -m inet_comms.supervisor

test: .venv/dev
	@$(BIN)/python -m tests.services
	@if $(BIN)/python -m tests.services --has postgres; then \
	  $(PYTEST) -m "not one_database" $(ARGS) && echo "On PostgreSQL:" && \
	  TEST_ON=postgres $(PYTEST) -m "not browser and not stack and not files_only" $(ARGS); \
	else $(PYTEST) $(ARGS); fi

# The real Bluesky server, into var/peers, for tests marked `peers`: two minutes, 600 MB; needs g++ and make.
peers: .venv/dev
	@$(BIN)/python -m tests.peers.install

# The long proof, half an hour: docs/operating.md says what it does and what came out.
torture: .venv/dev
	$(BIN)/python -m tests.torture
	$(BIN)/python -m tests.torture --control --deliveries 1000 --kills 60
	$(BIN)/python -m tests.torture --sqlite --deliveries 2000 --kills 150
	$(BIN)/python -m tests.torture --rush
	$(BIN)/python -m tests.torture --sweep
	RACE_ROUNDS=1000 TEST_ON=postgres $(BIN)/python -m pytest tests/test_races.py -k against_claim

bench: .venv/dev
	$(BIN)/python -m bench

# A contact sheet of 24 cards for each size, to look at: var/cards/.
cards: .venv/dev
	@for size in portrait square share; do $(BIN)/python -m bench.contact_sheet var/cards/$$size.jpg $$size; done

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint templates

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# French: collect the sentences, then translate in locale/fr/LC_MESSAGES/django.po and run it again.
messages: .venv/dev
	$(BIN)/python manage.py makemessages -l fr --no-obsolete --no-location --ignore .venv --ignore tests --ignore var
	$(BIN)/python manage.py compilemessages -l fr --ignore .venv

docs: .venv/dev
	$(BIN)/python -m inet_comms.lifecycle_docs > docs/lifecycles.md

# pyproject.toml names the direct dependencies; this pins all of them, with hashes.
lock: .venv/dev
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -o requirements.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -o requirements-dev.txt

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: .venv/bin/python requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev: .venv/bin/python requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/runtime

clean:
	rm -rf var .venv .pytest_cache .ruff_cache
