import os
import subprocess
import sys
from pathlib import Path

# The package stands beside the workflow, installed or not.
ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from vmi.errors import UserError
from vmi.stages.sources import (
    data_sources,
    estimation_sources,
    evaluation_sources,
    report_sources,
    verification_sources,
)
from vmi.suites.cohorts import cohorts, parse_cohort
from vmi.stages.provenance import of_comparison, of_evaluation, of_pictures, of_training
from vmi.registry import row_name
from vmi.suites.file import load_suite


def load_or_exit(name):
    """The suite, or one line on stderr and exit code 2."""
    try:
        return load_suite(name)
    except UserError as error:
        print(f"vmi: error: {error}", file=sys.stderr)
        sys.exit(2)


def claim_or_exit():
    """One line and exit code 2 where another suite of the same name has its results here."""
    note, mine = Path(RESULTS, "suite.txt"), os.path.relpath(SUITE_FILE)
    other = note.read_text().strip() if note.exists() else mine
    if other != mine:
        print(
            f"vmi: error: {RESULTS} holds the results of {other}, and {mine} has the same name:"
            " rename one, or remove the folder",
            file=sys.stderr,
        )
        sys.exit(2)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(mine)


def check_or_exit():
    """One line on stderr and exit code 2 where the suite cannot be run."""
    check = [sys.executable, "-m", "vmi", "check", "--suite", SUITE_NAME]
    if code := subprocess.run(check).returncode:
        sys.exit(code)


# The rules call `python -m vmi`, which is this interpreter's, or that of an environment that
# Snakemake deployed: activating one puts it first.
os.environ.update(
    PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
    PYTHONPATH=str(ROOT),
)

SUITE_NAME = str(config.get("suite", "demo"))
SUITE = load_or_exit(SUITE_NAME)
SUITE_FILE = Path(SUITE_NAME)
if not SUITE_NAME.endswith((".yaml", ".yml")):
    SUITE_FILE = ROOT / "benchmarks" / f"{SUITE_NAME}.yaml"
RESULTS = f"results/{SUITE.name}"
SEEDS = "+".join(map(str, SUITE.seeds))
DEVICE = config.get("device", "cpu")


def trained_before(dataset, model):
    """The cohorts that are there; a seed that is added later makes a cohort of its own."""
    folder = Path(RESULTS, "train", dataset, model)
    return [status.parent.name for status in folder.glob("*/status.csv")]


COHORTS = {
    (dataset, model): cohorts(
        SUITE.seeds, SUITE.seeds_per_job, trained_before(dataset, model)
    )
    for dataset in SUITE.datasets
    for model in SUITE.models
}


def first_trained(pattern, wildcards):
    """The path of a pattern for the cohort that holds the suite's first seed."""
    names = COHORTS[wildcards.dataset, wildcards.model]
    cohort = [name for name in names if SUITE.seeds[0] in parse_cohort(name)]
    return expand(
        pattern, dataset=wildcards.dataset, model=wildcards.model, cohort=cohort
    )


def each_cohort(pattern, **values):
    """The paths of a pattern for every data set, model and cohort."""
    return [
        path
        for (dataset, model), names in COHORTS.items()
        for path in expand(
            pattern, dataset=dataset, model=model, cohort=names, **values
        )
    ]


def its_cohorts(pattern, wildcards):
    """The paths of a pattern for every cohort of one data set and model."""
    names = COHORTS[wildcards.dataset, wildcards.model]
    return expand(
        pattern, dataset=wildcards.dataset, model=wildcards.model, cohort=names
    )


wildcard_constraints:
    dataset="[^/]+",
    model="[^/]+",
    cohort=r"[\d+-]+",
    family="[a-z]+",
    group="[^/]+",
    estimator="[^/]+",


onstart:
    # Before anything trains: what only an import of the models or a look at the data can tell.
    if workflow.is_main_process:
        claim_or_exit()
        check_or_exit()
