# `make demo` and `make test` are all that a newcomer needs.
PYTHON ?= python3
BIN := .venv/bin
UV := 0.13.9

.PHONY: demo publish restore speed faults test test-slow test-slurm lint format lock clean

demo: .venv/installed
	$(BIN)/snakemake --quiet rules host --config suite=demo
	@$(BIN)/vmi headline --results results/demo

# Copies what is committed of a finished suite: make publish SUITE=demo [CELLS=--cells]
SUITE ?= demo
publish: .venv/installed
	$(BIN)/vmi publish --suite $(SUITE) $(CELLS)

# Goes on from the published cells of a suite: make restore SUITE=paper-small
# The workflow takes them for its own, so that it notices whatever is changed from here on.
restore: .venv/installed
	$(BIN)/vmi restore --suite $(SUITE)
	$(BIN)/snakemake --quiet all --touch --forceall --config suite=$(SUITE)

# How fast ours is beside its peers, on this machine: results/published/speed, 20 quiet minutes.
# It installs the peers into .speed; nothing else may compute meanwhile.
speed: .venv/installed
	OMP_NUM_THREADS=1 PYTHONPATH=. $(BIN)/python benchmarks/speed/publish.py

# What happens when things go wrong: results/published/faults, and 5,000 suites and 5,000 npz files of
# all kinds. As root it fills small disks too, which it mounts.
faults: .venv/installed
	OMP_NUM_THREADS=1 PYTHONPATH=. $(BIN)/python benchmarks/faults/publish.py
	OMP_NUM_THREADS=1 HYPOTHESIS_PROFILE=faults $(BIN)/pytest -m fuzz -n 2 tests/test_suite.py \
		tests/test_commands_score.py

test: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile

# The slowest of the known answers, which `make test` leaves out.
test-slow: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/pytest -m slow -n 2 --dist loadfile tests/test_known_answers.py

# Suites on a real Slurm of two nodes on this machine: it has to be there, as
# `tests/slurm/cluster.sh install` brings it on Debian.
test-slurm: .venv/installed
	VMI_SLURM=1 OMP_NUM_THREADS=1 $(BIN)/pytest tests/slurm

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

# The exact versions, with their hashes, for every platform; run it after pyproject.toml changed.
lock: .venv/installed
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --extra dev --extra slurm \
		--custom-compile-command "make lock" pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv .snakemake .speed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "vmi wants Python 3.11 or later: make PYTHON=python3.12 demo" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --requirement requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
